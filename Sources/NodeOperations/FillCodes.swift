public import Causality
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore
public import StandardForms

/// What giving codes did.
public struct CodeOutcome: Sendable {
    /// Customers that were looked at, linked records once.
    public var customers = 0
    /// Customers that got a code.
    public var made = 0
    /// Customers of whom nothing is known that the pattern names.
    public var unnamed = 0
    /// Codes that were made here or elsewhere, and that were made longer because another customer has the same.
    public var lengthened = 0
    public var operation: OperationID?
}

extension Node {
    /// Where codes come from, as their source is named.
    static let codeSource = Header.inferredSource + ":code"
    private static let codedSlice = 1_000

    /// Gives a code to every customer that has none; one operation that commits in slices.
    ///
    /// The code follows from what is known of the customer and from its record's id, so that nodes that work apart make the same code for
    /// the same customer and different codes for different ones. What people or sources gave as a code stays. Where two customers have
    /// one code, and it was made, the one with the greater id gets a longer code on whichever node this runs.
    ///
    /// - Throws: `node.cancelled`.
    /// - Complexity: linear in the store.
    @discardableResult
    public func fillCodes(
        person: CustomerCode = .person, organization: CustomerCode = .organization, isDryRun: Bool = false, progress: (Int) -> Void = { _ in }
    ) throws -> CodeOutcome {
        let operation = environment.newID()
        var outcome = CodeOutcome(), last: RowID?, isAtEnd = false
        var rehearsed: Set<String> = []
        struct Rehearsed: Error {}
        while !isAtEnd {
            if isCancelled() { throw NodeError("node.cancelled", ["rows": String(outcome.customers)]) }
            var counted = outcome, next: RowID?
            var given = rehearsed
            do {
                try store.write { writer in
                    counted = outcome
                    given = rehearsed
                    let page = try writer.customers(after: last, limit: Node.codedSlice)
                    next = page.next
                    let edition = try Edition(writer, author: author, operation: operation)
                    for profile in page.profiles {
                        counted.customers += 1
                        try edition.code(profile, profile.kind == .organization ? organization : person, &given, &counted)
                    }
                    let rows = try edition.commit()
                    if isDryRun { throw Rehearsed() }
                    if rows > 0 {
                        try writer.log(operation, author: author, command: "clean codes", rows: rows)
                        counted.operation = operation
                    }
                }
            } catch is Rehearsed {}
            outcome = counted
            // What is written is found in the store.
            if isDryRun { rehearsed = given }
            progress(outcome.customers)
            last = next
            isAtEnd = next == nil
        }
        if outcome.operation != nil { try settle() }
        return outcome
    }
}

extension Edition {
    /// Gives a customer a code where it has none, or a longer one where its own was made and another customer has the same.
    ///
    /// - Parameter given: the codes of this run.
    fileprivate func code(_ profile: Profile, _ pattern: CustomerCode, _ given: inout Set<String>, _ outcome: inout CodeOutcome) throws {
        guard let field = FieldCatalogue.standard["code"], let member = zip(profile.members, profile.lives).first(where: { $0.1 != .deleted })?.0 else { return }
        let cell = CellKey(field: field.id.rawValue), reading = profile.reading(cell)
        let present = profile.shown(reading, by: field.policy)?.write
        do { try refuseOutside(member) } catch let error as NodeError where error.code == "node.outside-scopes" { return }
        guard present == nil || present!.header.source == Node.codeSource else { return }
        let facts = try facts(of: profile)
        var isShared = false
        if let text = present?.value.map({ FieldValue.plainText(of: $0) }) {
            // The smallest id keeps a code that several have.
            isShared = try writer.records(named: text).contains { $0 < profile.id && !profile.members.map(\.id).contains($0) }
            if !isShared { return }
        }
        for longer in 0..<CustomerCode.longerMaximum {
            guard let code = pattern.code(for: facts, longer: longer) else {
                outcome.unnamed += 1
                return
            }
            let holders = try writer.records(named: code).filter { id in !profile.members.contains { $0.id == id } }
            guard holders.isEmpty, given.insert(code).inserted else { continue }
            let record = present == nil ? member.id : reading.candidates.first?.record ?? member.id
            guard try write(cell, FieldValue.bytes(text: code), in: record, source: Node.codeSource) else { return }
            if isShared { outcome.lengthened += 1 } else { outcome.made += 1 }
            return
        }
    }

    private func facts(of profile: Profile) throws -> CustomerCode.Facts {
        let catalogue = FieldCatalogue.standard
        func text(_ name: String) -> String? { catalogue[name].flatMap { profile.value($0)?.plainText } }
        let id = profile.members[0].id
        // The profile's first record, by a hash without a key: nodes of one deployment agree, and so do its copies.
        var hash = SipHash128(key: HashKey(first: 0, second: 0))
        hash.update("customer code")
        hash.update(id.high)
        hash.update(id.low)
        let digest = hash.finalize()
        let since = text("customer_since") ?? text("first_contact_date")
        let phone = catalogue["phone"].flatMap { profile.elements($0.id).map(\.element.plainText).min() }
        return CustomerCode.Facts(
            kind: profile.kind, name: text("name") ?? "", shortName: text("short_name"), phone: phone,
            year: since.flatMap { Int($0.prefix(4)) } ?? firstYear(of: profile), digest: (digest.high, digest.low))
    }

    /// The year in which the first of what is known of a customer was written.
    private func firstYear(of profile: Profile) -> Int? {
        let stamps = profile.members.flatMap { $0.state.cells.values.flatMap { $0.map(\.header.stamp) } }
        return stamps.min().flatMap { Int(Timestamp.dateText(microseconds: $0.rawValue).prefix(4)) }
    }
}
