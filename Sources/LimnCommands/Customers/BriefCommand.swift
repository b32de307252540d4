internal import ArgumentParser
internal import Causality
internal import Foundation
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// `limn brief`: one page to read before a visit.
struct BriefCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "brief", abstract: Catalogue.text("help.brief"), discussion: Catalogue.text("help.brief.discussion"))
    }

    @Argument(help: .text("help.record")) var record: String

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let node = try invocation.openNode()
        let brief = Brief(profile: try node.show(record, events: .max), catalogue: try node.fields().catalogue)
        return CommandOutcome("brief", data: brief.data, isPaged: true) { brief.show(on: &$0) }
    }
}

/// What a person should know of a customer before a visit.
private struct Brief: Sendable {
    let profile: ShownProfile
    let who: [ShownProfile.Value]
    let orders: [ShownProfile.Event]
    let contacts: [ShownProfile.Event]
    /// What the orders come to, by currency.
    let totals: [(currency: String, amount: String)]
    /// The products bought most often.
    let products: [(product: String, count: Int)]
    /// Fields that nobody has filled in yet.
    let missing: [Field]

    private static let whoFields = [
        "short_name", "company", "title", "department", "decision_role", "contact_person", "phone", "email", "wechat", "region", "city",
        "address", "industry", "company_size", "stage", "level", "owner", "interests", "do_not_contact", "note",
    ]
    private static let askedOfAll = ["phone", "email", "wechat", "city", "industry", "stage", "interests", "consent"]
    private static let askedOfPersons = ["title", "company", "birth_date"]
    private static let askedOfOrganizations = ["contact_person", "company_size", "main_products", "competitors"]
    private static let shownEvents = 5

    init(profile: ShownProfile, catalogue: FieldCatalogue) {
        self.profile = profile
        who = Brief.whoFields.compactMap { name in profile.values.first { $0.field.name == name && !$0.values.isEmpty } }
        orders = profile.timeline.filter { $0.type == "order" }
        contacts = profile.timeline.filter { $0.type != "order" }
        var sums: [String: Decimal] = [:], counts: [String: Int] = [:]
        for order in orders {
            if let amount = order.attributes["amount"].flatMap({ Decimal(string: $0, locale: Locale(identifier: "en_US_POSIX")) }) {
                sums[order.attributes["currency"] ?? "", default: 0] += amount
            }
            if let product = order.attributes["product"] { counts[product, default: 0] += 1 }
        }
        totals = sums.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        products = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Brief.shownEvents).map { ($0.key, $0.value) }
        let asked = Brief.askedOfAll + (profile.kind == .person ? Brief.askedOfPersons : Brief.askedOfOrganizations)
        missing = asked.filter { profile[$0].isEmpty }.compactMap { catalogue[$0] }
    }

    var data: JSONValue {
        [
            "id": JSONValue(id: profile.id), "kind": .string(profile.kind.name), "code": JSONValue(profile.code),
            "name": JSONValue(profile["name"].first), "scope": .string(profile.scope), "tags": JSONValue(profile.tags),
            "who": .object(who.map { .init($0.field.name, $0.field.isSet ? JSONValue($0.values) : JSONValue($0.values.first)) }),
            "bought": [
                "orders": JSONValue(orders.count),
                "totals": .array(totals.map { ["amount": .string($0.amount), "currency": JSONValue($0.currency.isEmpty ? nil : $0.currency)] }),
                "products": .array(products.map { ["product": .string($0.product), "count": JSONValue($0.count)] }),
                "last": .array(orders.prefix(Brief.shownEvents).map(\.data)),
            ],
            "affiliations": .array(profile.affiliations.map(\.data)),
            "contacts": .array(contacts.prefix(Brief.shownEvents).map(\.data)),
            "tasks": .array(profile.openTasks.map(\.data)),
            "ask": JSONValue(missing.map(\.name)),
            "conflicts": .array(profile.conflicts.map(\.data)),
        ]
    }

    func show(on page: inout TextPage) {
        page.line(profile.title, .bold, then: " · " + ShownText.kind(profile.kind) + " · " + profile.id.ending)
        if profile.isDeleted { page.line(Catalogue.text("label.profile-deleted"), .red) }
        if !profile.tags.isEmpty { page.line(ShownText.list(profile.tags), .cyan) }
        page.values(who.map { (label: $0.field.label, value: $0.field.shown($0.values) + $0.mark) })
        profile.showAffiliations(on: &page)
        page.heading(Catalogue.text("label.brief-bought"))
        if orders.isEmpty { page.line(Catalogue.text("label.brief-nothing")) } else { showOrders(on: &page) }
        page.heading(Catalogue.text("label.brief-contacts"))
        if contacts.isEmpty { page.line(Catalogue.text("label.brief-nothing")) }
        contacts.prefix(Brief.shownEvents).forEach { page.line(ShownText.time($0.at) + "  " + $0.line) }
        page.heading(Catalogue.text("label.profile-tasks"))
        if profile.openTasks.isEmpty { page.line(Catalogue.text("label.brief-nothing")) }
        profile.openTasks.forEach { page.line($0.line) }
        page.heading(Catalogue.text("label.brief-ask"))
        if missing.isEmpty { page.line(Catalogue.text("label.brief-nothing")) }
        if !missing.isEmpty { page.line(ShownText.list(missing.map(\.label))) }
        if profile.conflicts.isEmpty { return }
        page.heading(Catalogue.text("label.profile-conflicts"))
        ConflictTable(conflicts: profile.conflicts).show(on: &page)
    }

    private func showOrders(on page: inout TextPage) {
        let sums = totals.map { [$0.amount, $0.currency].filter { !$0.isEmpty }.joined(separator: " ") }
        page.line(Catalogue.text("label.brief-orders", ["count": String(orders.count), "total": ShownText.list(sums)]))
        if !products.isEmpty { page.line(ShownText.list(products.map { "\($0.product) × \($0.count)" })) }
        orders.prefix(Brief.shownEvents).forEach { page.line(ShownText.time($0.at) + "  " + $0.line) }
    }
}
