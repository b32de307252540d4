internal import Causality
internal import MergeVectors
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore

/// What a node answers, against what the oracle reads of the same rows.
extension OracleView {
    /// Checks all that a node shows, lists and counts of its customers.
    func checkReadings(_ node: Node) throws {
        let fields = try node.fields().catalogue, customers = customers, contestedLinks = contestedLinks
        var conflicts = contestedLinks.count, disagreements = 0
        for customer in customers {
            try checkCells(node, customer)
            try checkShown(node, customer, fields)
            let contested = contests(of: customer)
            let disagreeing = contested.filter { $0.hasSuffix("disagreement") }.count
            conflicts += contested.count - disagreeing
            disagreements += disagreeing
            let listed = try node.store.read { reader in
                try reader.contestedCells(kinds: ContestKind.allCases, profile: customer.id).map { "\($0.field.rawValue) \($0.kind)" }
            }
            guard hasOverlong || listed.sorted() == contested.sorted() else {
                throw Disagreement("\(customer.id) lists \(listed) and not \(contested)")
            }
        }
        for (id, contested) in contestedAffiliations {
            let disagreeing = contested.filter { $0.hasSuffix("disagreement") }.count
            conflicts += contested.count - disagreeing
            disagreements += disagreeing
            let listed = try node.store.read { reader in
                try reader.contestedCells(kinds: ContestKind.allCases, profile: id).map { "\($0.field.rawValue) \($0.kind)" }
            }
            guard hasOverlong || listed.sorted() == contested.sorted() else {
                throw Disagreement("the affiliation \(id) lists \(listed) and not \(contested)")
            }
        }
        let counts = try node.status().counts
        guard counts.customers == answer(nil, among: fields).count else {
            throw Disagreement("\(counts.customers) customers are counted and not \(answer(nil, among: fields).count)")
        }
        let events = rows.filter { id, row in
            row.kind == .event && Set(OracleText.members(latest(.content, in: id) ?? "").keys) != ["customer"]
                && cells(of: [id]).contains { cell in candidates(cell, of: [id]).contains { $0.write.value != nil } }
        }.count
        guard counts.events == events else { throw Disagreement("\(counts.events) events are counted and not \(events)") }
        if hasOverlong { return }
        guard counts.conflicts == conflicts, counts.disagreements == disagreements else {
            throw Disagreement("\(counts.conflicts) conflicts and \(counts.disagreements) disagreements are counted, and not \(conflicts) and \(disagreements)")
        }
        let listed = try node.conflicts().conflicts
        guard listed.count == conflicts else {
            throw Disagreement("\(conflicts) conflicts and not \(listed.map { "\($0.kind) \($0.field) of \($0.record)" })")
        }
    }

    private func checkCells(_ node: Node, _ customer: Customer) throws {
        let record = customer.members[0]
        guard let profile = try node.store.read({ try $0.profile(of: record) }) else { throw Disagreement("\(record) has no profile") }
        guard profile.members.map(\.id) == customer.members, profile.id == customer.id else {
            throw Disagreement("\(record) stands in \(profile.id) with \(profile.members.map(\.id)) and not in \(customer.id) with \(customer.members)")
        }
        guard profile.lives == customer.lives else { throw Disagreement("\(record) lives \(profile.lives) and not \(customer.lives)") }
        for cell in cells(of: customer.members) where cell.field != FieldID.life.rawValue && !isOverlong(cell, of: customer.members) {
            let expected = candidates(cell, of: customer.lenders), found = profile.reading(cell)
            guard Set(expected.map(\.write)) == Set(found.candidates.map(\.write)) else {
                throw Disagreement("""
                    field \(cell.field) of \(record) has the candidates \(found.candidates.map { "\($0.write.dot)" }) and not \
                    \(expected.map { "\($0.write.dot)" })
                    """)
            }
            guard found.latest?.write == expected.max(by: OracleView.precedes)?.write else {
                throw Disagreement("field \(cell.field) of \(record) shows another value")
            }
        }
    }

    /// Checks what `show` says of a customer, field by field.
    private func checkShown(_ node: Node, _ customer: Customer, _ fields: FieldCatalogue) throws {
        let shown = try node.show(customer.members[0].description), contested = contests(of: customer)
        guard shown.isDeleted == customer.isDeleted, shown.members == customer.members else {
            throw Disagreement("\(customer.id) is shown \(shown.isDeleted ? "deleted" : "living") with \(shown.members)")
        }
        if let expected = affiliated(customer), !hasOverlong, Set(shown.affiliations.map(\.record)) != expected {
            throw Disagreement("\(customer.id) is shown with \(shown.affiliations.map(\.record)) and not \(expected.sorted())")
        }
        let said = Dictionary(uniqueKeysWithValues: shown.values.map { ($0.field.id, $0) })
        for field in fields.fields {
            let cell = CellKey(field: field.id.rawValue)
            if !field.isSet, isOverlong(cell, of: customer.members) { continue }
            let isContested = contested.contains { $0.hasPrefix("\(field.id.rawValue) ") }
            var expected: [String]?
            if field.isSet {
                let elements = elements(field.id, of: customer.lenders)
                expected = elements.isEmpty ? nil : elements
            } else if let event = self.shown(field, of: customer.lenders) {
                expected = event.write.value.map { [OracleText.text($0)] } ?? (isContested ? [] : nil)
            }
            guard said[field.id]?.values == expected else {
                throw Disagreement("\(customer.id) shows \(field.name) as \(said[field.id]?.values ?? []) and not \(expected ?? [])")
            }
            guard hasOverlong || said[field.id]?.isConflict ?? isContested == isContested || expected == nil else {
                throw Disagreement("\(customer.id) marks \(field.name) wrongly")
            }
        }
    }

    /// The organizations of a person, or the people of an organization; nil for a customer whose records are of both kinds.
    private func affiliated(_ customer: Customer) -> Set<RowID>? {
        let kinds = Set(customer.members.compactMap { rows[$0]?.kind })
        guard kinds.count == 1, let kind = kinds.first else { return nil }
        let (own, other): (FieldID, FieldID) = kind == .person ? (.first, .second) : (.second, .first)
        let found = rows.filter { id, row in
            row.kind == .affiliation && latest(own, in: id).flatMap { UniqueID($0) }.map(customer.members.contains) ?? false
                && candidates(OracleView.life, of: [id]).contains { $0.write.value != nil } && life(id) != .deleted
        }.compactMap { latest(other, in: $0.key).flatMap { UniqueID($0) } }
        return Set(found.compactMap { record in
            guard rows[record] != nil else { return record }
            return customers.first { $0.members.contains(record) && !$0.isDeleted }?.id
        })
    }

    /// Asks a node some questions, and compares its answers.
    func checkAnswers(_ node: Node, questions: Int, _ random: inout SplitMix64) throws {
        if hasOverlong { return }
        let fields = try node.fields().catalogue, customers = customers
        // Of a row that waits the node has been told where it is, and its cells do not say so yet.
        let isPlaceKnown = try node.store.read { try $0.waitingRows() }.isEmpty
        let linked = customers.filter { $0.members.count > 1 }
        for number in 0..<questions {
            // Whatever is asked of one customer, its records answer together.
            let subject = !customers.isEmpty && random.chance(40) ? random.pick(linked.isEmpty ? customers : linked) : nil
            func heard(_ field: String, _ random: inout SplitMix64) -> String? {
                guard !customers.isEmpty else { return nil }
                let texts = texts(field, of: subject ?? random.pick(customers), among: fields)
                return texts.isEmpty ? nil : random.pick(texts)
            }
            let query =
                if number == 0, random.chance(20) { OracleQuery?.none }
                else if subject != nil, random.chance(40) { OracleQuery.drawnOfSeveralFields(&random, heard: heard) }
                else { OracleQuery.drawn(&random, heard: heard) }
            if !isPlaceKnown, query?.text.contains("scope =") ?? false { continue }
            let expected = answer(query, among: fields), limit = random.pick([1, 3, 1_000])
            let (found, total) = try found(query?.text, at: node, limit: limit)
            guard total == expected.count, found.count == total, Set(found) == expected else {
                throw Disagreement("\(query?.text ?? "everything") finds \(found), \(total) in all, and not \(expected.sorted())")
            }
            // Whoever is looked for by the name that is shown is among those found.
            guard let subject, !subject.isDeleted, let name = texts("name", of: subject, among: fields).first else { continue }
            let named = try self.found(name, at: node, limit: limit).ids
            guard named.contains(subject.id) else { throw Disagreement("\(name) finds \(named) and not \(subject.id)") }
        }
    }

    /// All pages of an answer, and how many customers the first said that there are.
    private func found(_ text: String?, at node: Node, limit: Int) throws -> (ids: [RowID], total: Int) {
        var page = try node.find(text, limit: limit)
        var ids = page.rows.map(\.id)
        let total = page.total
        while let next = page.next {
            page = try node.find(text, limit: limit, after: next)
            ids += page.rows.map(\.id)
        }
        return (ids, total)
    }
}
