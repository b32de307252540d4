internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// `limn show`: one customer with all that is known.
struct ShowCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "show", abstract: Catalogue.text("help.show"), discussion: Catalogue.text("help.show.discussion"))
    }

    @Argument(help: .text("help.record")) var record: String
    @Option(help: .text("help.show.events", value: "n")) var events = 20

    func run(in invocation: Invocation) throws -> CommandOutcome {
        if events < 0 { throw UsageError.invalidValue(value: String(events), option: "--events", choices: "") }
        let profile = try invocation.openNode().show(record, events: events)
        return CommandOutcome("show", data: profile.data, isPaged: true) { ProfilePage(profile: profile).show(on: &$0) }
    }
}

extension ShownProfile {
    /// The customer as scripts read it.
    var data: JSONValue {
        [
            "id": JSONValue(id: id), "kind": .string(kind.name), "code": JSONValue(code), "scope": .string(scope),
            "deleted": .bool(isDeleted), "members": JSONValue(members.map(\.description)),
            "fields": .object(shownValues.map { .init($0.field.name, $0.data) }),
            "tags": .array(tags.map { ["tag": .string($0), "by": "manual", "why": .null] }),
            "relations": .array(relations.map {
                ["record": JSONValue(id: $0.record), "same": .bool($0.isSame), "by": $0.byPerson ? "manual" : "rule"]
            }),
            "affiliations": .array(affiliations.map(\.data)),
            "events": ["count": JSONValue(eventCount), "first": JSONValue(at: firstEvent), "last": JSONValue(at: lastEvent)],
            "timeline": .array(timeline.map(\.data)), "tasks": .array(openTasks.map(\.data)),
            "conflicts": .array(conflicts.map(\.data)),
        ]
    }

    /// The values of fields that do not stand apart.
    var shownValues: [Value] { values.filter { $0.field.id != .scope && $0.field.id != .tags } }

    /// The organizations of a person, the people of an organization, under a heading; nothing where there are none.
    func showAffiliations(on page: inout TextPage) {
        if affiliations.isEmpty { return }
        page.heading(Catalogue.text(kind == .person ? "label.profile-organizations" : "label.profile-people"))
        affiliations.forEach { page.line($0.line) }
    }

    /// How people call the customer.
    var title: String { self["name"].first ?? code ?? id.ending }
}

extension ShownProfile.Value {
    fileprivate var data: JSONValue {
        [
            "value": field.isSet ? JSONValue(values) : JSONValue(values.first), "at": JSONValue(at: at), "node": .string(node),
            "author": .string(author), "source": JSONValue(source), "conflict": .bool(isConflict),
        ]
    }
}

extension ShownProfile.Affiliation {
    var data: JSONValue {
        [
            "id": JSONValue(id: id), "record": JSONValue(id: record), "name": JSONValue(name), "decision_role": JSONValue(role),
            "title": JSONValue(title), "at": JSONValue(at: at), "author": JSONValue(author), "source": JSONValue(source), "conflict": .bool(isConflict),
        ]
    }

    /// The affiliation in one line: who it is with, the part in decisions, the title.
    var line: String {
        let part = role.map { FieldCatalogue.standard["decision_role"]?.shown([$0]) ?? $0 }
        return ([name ?? record.ending] + [part, title].compactMap(\.self)).joined(separator: "  ") + (isConflict ? " ⚠" : "")
    }
}

extension ShownProfile.Event {
    var data: JSONValue {
        let members = attributes.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
        return ["id": JSONValue(id: id), "at": JSONValue(at: at), "type": .string(type), "attributes": .object(members)]
    }

    /// The event in one line without its time.
    var line: String {
        let amount = attributes["amount"].map { [$0, attributes["currency"]].compactMap(\.self).joined(separator: " ") }
        let parts = [attributes["product"], attributes["quantity"].map { "× \($0)" }, amount, attributes["status"], attributes["text"]]
        return ([typeTitle] + parts.compactMap(\.self)).joined(separator: "  ")
    }

    private var typeTitle: String {
        switch type {
        case "order": Catalogue.text("label.event-order")
        case "visit": Catalogue.text("label.event-visit")
        case "call": Catalogue.text("label.event-call")
        case "feedback": Catalogue.text("label.event-feedback")
        default: type
        }
    }
}

extension ShownProfile.Value {
    /// What stands behind the value: that people differ in it, or from what it was inferred.
    var mark: String {
        if isConflict { return " ⚠" }
        guard let source, source.hasPrefix("inferred:") else { return "" }
        let origin = String(source.dropFirst("inferred:".count)), code = "clean.from.\(origin)"
        return " " + Catalogue.text("label.inferred", ["origin": Catalogue.embedded.block(code) == nil ? origin : Catalogue.text(code)])
    }
}

extension ShownProfile.Task {
    var data: JSONValue {
        ["id": JSONValue(id: id), "due": JSONValue(at: due), "text": .string(text), "done": .bool(isDone)]
    }

    /// The task in one line.
    var line: String { "\(ShownText.time(due))  \(text)  (\(id.ending))" }
}

/// A customer as a page for people: what is known under headings, then what belongs to it.
private struct ProfilePage {
    let profile: ShownProfile
    private static let sections = [
        "identity", "contact", "address", "work", "company", "relationship", "preferences", "behaviour", "psychology", "custom",
    ]

    func show(on page: inout TextPage) {
        page.line(profile.title, .bold, then: " · " + ShownText.kind(profile.kind))
        if profile.isDeleted { page.line(Catalogue.text("label.profile-deleted"), .red) }
        var head = [("id", profile.id.description), ("scope", profile.scope)]
        if profile.members.count > 1 { head.append(("members", ShownText.list(profile.members.map(\.ending)))) }
        if !profile.tags.isEmpty { head.append(("tags", ShownText.list(profile.tags))) }
        page.values(head.map { (label: Catalogue.text("label.profile-\($0.0)"), value: $0.1) })
        let known = Self.sections + Set(profile.shownValues.map(\.field.section)).subtracting(Self.sections).sorted()
        for section in known {
            let values = profile.shownValues.filter { $0.field.section == section }
            if values.isEmpty { continue }
            page.heading(section == "system" ? Catalogue.text("label.section-system") : Self.title(section))
            page.values(values.map { (label: $0.field.label, value: $0.field.shown($0.values) + $0.mark) })
        }
        profile.showAffiliations(on: &page)
        if !profile.conflicts.isEmpty {
            page.heading(Catalogue.text("label.profile-conflicts"))
            ConflictTable(conflicts: profile.conflicts).show(on: &page)
        }
        if !profile.openTasks.isEmpty {
            page.heading(Catalogue.text("label.profile-tasks"))
            profile.openTasks.forEach { page.line($0.line) }
        }
        let apart = profile.relations.filter { !$0.isSame }
        if !apart.isEmpty {
            page.heading(Catalogue.text("label.profile-apart"))
            apart.forEach { page.line($0.record.description) }
        }
        guard profile.eventCount > 0 else { return }
        page.heading(Catalogue.text("label.profile-events", ["count": String(profile.eventCount)]))
        profile.timeline.forEach { page.line(ShownText.time($0.at) + "  " + $0.line) }
        if profile.eventCount > profile.timeline.count {
            page.line(Catalogue.text("label.more-events", ["count": String(profile.eventCount - profile.timeline.count)]), .faint)
        }
    }

    private static func title(_ section: String) -> String {
        switch section {
        case "identity": Catalogue.text("label.section-identity")
        case "contact": Catalogue.text("label.section-contact")
        case "address": Catalogue.text("label.section-address")
        case "work": Catalogue.text("label.section-work")
        case "company": Catalogue.text("label.section-company")
        case "relationship": Catalogue.text("label.section-relationship")
        case "preferences": Catalogue.text("label.section-preferences")
        case "behaviour": Catalogue.text("label.section-behaviour")
        case "psychology": Catalogue.text("label.section-psychology")
        default: Catalogue.text("label.section-custom")
        }
    }
}
