internal import ProfileModel

/// A value that follows from others.
public struct Inference: Hashable, Sendable {
    /// The field's name.
    public let field: String
    public let value: String
    /// What it was taken from; stands behind `inferred:` where the value's source is named.
    public let origin: String
    /// The value from which it follows, unless that is too sensitive to be written twice.
    public let evidence: String?
}

/// How gaps are filled: pure functions of what is known of one customer. A rule says nothing where more than one answer is possible,
/// and never of a field that holds something.
///
/// The rules run in the order of their cases: a place may be taken from an address that orders told.
public enum InferenceRule: String, CaseIterable, Sendable {
    /// Where orders usually go.
    case orders
    /// Province, city, district, code and country from region, code, address, postcode or landline number.
    case place
    /// Birth date and gender from a resident identity number.
    case identity
    /// Surname and given name, the gender of an honorific, an organization's short name.
    case names
    /// The industry of the organization that employs a person.
    case employer
    /// What people of a person's province can spend, where the income is not known.
    case purchasingPower = "purchasing-power"

    /// What the rule says of fields that hold nothing.
    public func inferences(from known: KnownValues) -> [Inference] {
        let found = switch self {
        case .place: PlaceEvidence(known).inferences
        case .identity: InferenceRule.fromIdentity(known)
        case .names: InferenceRule.fromNames(known)
        case .orders: InferenceRule.fromOrders(known)
        case .employer: InferenceRule.fromEmployer(known)
        case .purchasingPower: InferenceRule.fromIncomes(known)
        }
        return found.filter { known[$0.field] == nil && !$0.value.isEmpty }
    }

    private static func fromIdentity(_ known: KnownValues) -> [Inference] {
        guard known.kind == .person, let number = known["national_id"], let identity = ResidentIdentity(number), identity.birthDate <= known.today else { return [] }
        // Where what is known contradicts the number, either may be wrong.
        if let date = known["birth_date"], !identity.birthDate.hasPrefix(date) { return [] }
        if let gender = known["gender"], ["male", "female"].contains(gender), gender != identity.gender.rawValue { return [] }
        return [
            Inference(field: "birth_date", value: identity.birthDate, origin: "identity", evidence: nil),
            Inference(field: "gender", value: identity.gender.rawValue, origin: "identity", evidence: nil),
        ]
    }

    private static func fromNames(_ known: KnownValues) -> [Inference] {
        guard let text = known["name"] else { return [] }
        if known.kind == .organization {
            let name = CompanyName(text)
            // A branch would bear the short name of its parent.
            guard !name.isBranch, name.legalForm != nil, (2...20).contains(name.core.count) else { return [] }
            return [Inference(field: "short_name", value: name.core, origin: "name", evidence: text)]
        }
        let name = PersonName(text)
        var found: [Inference] = []
        if let gender = name.gender { found.append(Inference(field: "gender", value: gender.rawValue, origin: "name", evidence: text)) }
        guard let surname = name.surname, !name.isSurnameAlone, name.honorific == nil,
            name.name.unicodeScalars.allSatisfy(\.properties.isIdeographic), (2...4).contains(name.name.count) else { return found }
        let given = String(name.name.dropFirst(surname.count))
        // What is known of one half must agree with the whole.
        guard !given.isEmpty, given.count < 3, known["family_name"] ?? surname == surname, known["given_name"] ?? given == given else { return found }
        found.append(Inference(field: "family_name", value: surname, origin: "name", evidence: text))
        found.append(Inference(field: "given_name", value: given, origin: "name", evidence: text))
        return found
    }

    /// The address of more than half of at least three orders.
    private static func fromOrders(_ known: KnownValues) -> [Inference] {
        guard known.orderAddresses.count >= 3 else { return [] }
        var counts: [String: Int] = [:]
        for address in known.orderAddresses { counts[address, default: 0] += 1 }
        guard let usual = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), usual.value * 2 > known.orderAddresses.count else { return [] }
        let fields = known.kind == .person ? ["delivery_address", "address"] : ["delivery_address"]
        return fields.map { Inference(field: $0, value: usual.key, origin: "orders", evidence: nil) }
    }

    private static func fromEmployer(_ known: KnownValues) -> [Inference] {
        guard known.kind == .person, let industry = known.employerIndustry else { return [] }
        return [Inference(field: "industry", value: industry, origin: "employer", evidence: known["company"])]
    }

    private static func fromIncomes(_ known: KnownValues) -> [Inference] {
        guard known.kind == .person, known["income"] == nil, let region = PlaceEvidence(known).region, let power = PurchasingPower(of: region) else { return [] }
        return [Inference(field: "purchasing_power", value: power.rawValue, origin: "regional-income", evidence: region.province)]
    }
}

/// What is known of where a customer is, from the strongest statement to the weakest.
struct PlaceEvidence {
    private struct Statement {
        let origin: String
        let region: Region
        let text: String
        /// Whether somebody said the place itself; the others only hint at it.
        let isStated: Bool
    }

    private var statements: [Statement] = []
    private let known: KnownValues

    init(_ known: KnownValues) {
        self.known = known
        func add(_ origin: String, _ text: String?, isStated: Bool, _ read: (String) -> Region?) {
            guard let text, let region = read(text) else { return }
            statements.append(Statement(origin: origin, region: region, text: text, isStated: isStated))
        }
        add("region", known["region"], isStated: true) { Region($0) }
        add("region-code", known["region_code"], isStated: true) { Region(code: $0) }
        let parts = [known["state"], known["city"], known["district"]].compactMap(\.self)
        add("city", parts.isEmpty ? nil : parts.joined(), isStated: true) { Region($0) }
        add("address", known["address"], isStated: false) { Region.leading($0)?.region }
        add("postcode", known["postcode"], isStated: false) { PlacePrefix.region(ofPostcode: $0) }
        for phone in known.phones { add("area-code", phone, isStated: false) { PlacePrefix.region(ofPhone: $0) } }
    }

    /// Two statements of which neither place lies in the other.
    var contradiction: (first: String, second: String)? {
        for (index, first) in statements.enumerated() {
            for second in statements[(index + 1)...] where !first.region.contains(second.region) && !second.region.contains(first.region) {
                return (first.origin, second.origin)
            }
        }
        return nil
    }

    /// The finest statement of those that agree; nil where they do not, where the customer is abroad, and where a region stands there that
    /// only people can read.
    private var finest: Statement? {
        let isForeign = known["country"].map { !["中国", "China", "CN", "中华人民共和国", "china"].contains($0) } ?? false
        if isForeign { return nil }
        // What people state of the place can be told in other words though a telephone number hints at another place.
        var trusted = statements
        if contradiction != nil { trusted.removeAll { !$0.isStated } }
        guard let region = trusted.map(\.region).max(by: { $0.level < $1.level }), trusted.allSatisfy({ $0.region.contains(region) }),
            let best = trusted.first(where: { $0.region == region }) else { return nil }
        // A text that is no region of the table is left to people, and what is beside it too.
        let isUnread = known["region"] != nil && Region(known["region"]!) == nil || known["region_code"] != nil && Region(code: known["region_code"]!) == nil
        return isUnread && !best.isStated ? nil : best
    }

    /// Where the customer is, by all that counts.
    var region: Region? { finest?.region }

    var inferences: [Inference] {
        guard let finest else { return [] }
        let region = finest.region, isMainland = !["71", "81", "82"].contains(region.code.prefix(2))
        let values = [
            ("region", region.name), ("region_code", region.code), ("state", region.province), ("city", region.city), ("district", region.district),
            ("country", isMainland ? "中国" : nil),
        ]
        return values.compactMap { field, value in value.map { Inference(field: field, value: $0, origin: finest.origin, evidence: finest.text) } }
    }
}
