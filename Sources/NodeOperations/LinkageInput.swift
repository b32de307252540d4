internal import Causality
internal import ProfileModel
internal import ProfileStore
internal import RecordLinkage

/// Makes of a customer's row the record that the linkage compares.
struct LinkageInput {
    let subject: LinkageSubject
    private let key: HashKey
    /// The catalogue's fields that are taken, under their numbers.
    private var fields: [Field?]

    private static let names: [LinkageSubject: [String]] = [
        .person: ["name", "given_name", "family_name", "birth_date", "gender", "national_id"] + shared,
        .organization: ["name", "credit_code", "website", "contact_person", "legal_representative"] + shared,
    ]
    private static let shared = ["phone", "email", "region", "state", "city", "district", "address", "postcode"]

    /// - Parameter kind: of customers.
    init(_ kind: RowKind, key: HashKey) {
        subject = kind == .organization ? .organization : .person
        self.key = key
        fields = Array(repeating: nil, count: 1024)
        for name in LinkageInput.names[subject] ?? [] {
            guard let field = FieldCatalogue.standard[name] else { preconditionFailure("the catalogue has \(name)") }
            fields[Int(field.id.rawValue)] = field
        }
    }

    /// What one record says, as it is shown of the record alone.
    func record(_ row: StoredRow) -> LinkageRecord {
        var texts: [String: [String]] = [:]
        func take(_ field: UInt64, _ value: [UInt8]) {
            guard field < 1024, let known = fields[Int(field)] else { return }
            texts[known.name, default: []].append(FieldValue.plainText(of: value))
        }
        row.compact.plain.withUnsafeCells { cells in
            for index in 0..<cells.count {
                let cell = cells[index]
                guard cell.field < 1024, fields[Int(cell.field)] != nil else { continue }
                take(cell.field, Array(cell.element.isEmpty ? cell.value : cell.element))
            }
        }
        for exception in row.compact.exceptions {
            let reading = CellReading(writes: exception.writes.map { Candidate(record: row.id, write: $0) }, key: key)
            if exception.key.element.isEmpty {
                if let value = reading.latest?.write.value { take(exception.key.field, value) }
            } else if reading.isPresent {
                take(exception.key.field, exception.key.element)
            }
        }
        return LinkageRecord(key: row.id.description, values: values(texts))
    }

    private func values(_ texts: [String: [String]]) -> [(attribute: Attribute, text: String)] {
        var values: [(attribute: Attribute, text: String)] = []
        func add(_ attribute: Attribute, _ name: String) { for text in texts[name] ?? [] { values.append((attribute, text)) } }
        if subject == .person {
            add(.givenName, "given_name")
            add(.familyName, "family_name")
            add(.name, "name")
            add(.birthDate, "birth_date")
            add(.gender, "gender")
            add(.officialCode, "national_id")
        } else {
            add(.organizationName, "name")
            add(.officialCode, "credit_code")
            add(.website, "website")
            add(.contactName, texts["contact_person"] == nil ? "legal_representative" : "contact_person")
        }
        add(.phone, "phone")
        add(.email, "email")
        add(.postcode, "postcode")
        addAddress(texts, &values)
        return values
    }

    /// A Chinese address is read in one line, from the province on; of others the parts stand in fields of their own.
    private func addAddress(_ texts: [String: [String]], _ values: inout [(attribute: Attribute, text: String)]) {
        func first(_ name: String) -> String? { texts[name]?.first }
        let address = first("address") ?? ""
        let parts = ["state", "city", "district"].compactMap(first)
        let region = first("region") ?? (parts.contains(where: LinkageInput.isHan) ? parts.joined() : nil)
        if let region, LinkageInput.isHan(region), address.isEmpty || LinkageInput.isHan(address) {
            values.append((.address, LinkageInput.whole(address, region: region)))
            return
        }
        if !address.isEmpty { values.append((.address, address)) }
        if let city = first("district") ?? first("city") { values.append((.locality, city)) }
        if let state = first("state") { values.append((.region, state)) }
    }

    /// The address with what it leaves out of its region before it.
    private static func whole(_ address: String, region: String) -> String {
        guard !address.isEmpty else { return region }
        // The address begins somewhere in the region: at the province, the city, the district, or behind it.
        let marks: Set<Character> = ["省", "市", "区", "县", "州", "盟", "旗"]
        var starts = [region.startIndex]
        for index in region.indices where marks.contains(region[index]) {
            let next = region.index(after: index)
            if next < region.endIndex { starts.append(next) }
        }
        for start in starts where address.hasPrefix(region[start...].prefix(2)) { return region[..<start] + address }
        return region + address
    }

    private static func isHan(_ text: String) -> Bool { text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) } }
}

extension Node {
    /// So many customers are read at a time: a reader that stays long keeps the log from being shortened.
    private static let linkageReadRows = 10_000

    /// All living records of a kind, prepared for comparison; in the order of their ids, so that two nodes make the same of them.
    ///
    /// - Throws: `node.cancelled`.
    func linkageRecords(_ kind: RowKind, progress: (Int) -> Void = { _ in }) throws -> ComparedRecords {
        var records = ComparedRecords(kind, key: try store.read { try $0.node().key })
        var last: RowID?
        while true {
            if isCancelled() { throw NodeError("node.cancelled") }
            let rows = try store.read { try $0.livingCustomers(kind, after: last, limit: Node.linkageReadRows) }
            for row in rows { records.add(row) }
            progress(records.table.count)
            guard rows.count == Node.linkageReadRows, let end = rows.last else { return records }
            last = end.id
        }
    }
}
