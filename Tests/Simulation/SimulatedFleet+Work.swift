internal import Causality
internal import FleetSupport
internal import MergeVectors
internal import NodeEnvironment
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore

/// Something that somebody is about to do at a node.
struct Deed {
    /// What the story says, the verb first.
    let text: String
    var action = FleetOracle.Action.edit
    /// Customers that it erases.
    var erases: [RowID] = []
    /// Does it, and names the operation; nil where there was nothing to do.
    let run: (Node) throws -> OperationID?
}

/// How work is done: under the eyes of the oracle, and on disks that may fail meanwhile.
extension SimulatedFleet {
    /// Codes of refusals that leave everything as it was.
    private static let refusals: Set<String> = [
        "node.deleted", "node.not-linked", "node.same-record", "node.nothing-to-undo", "node.nothing-said", "node.outside-scopes",
        "node.unknown-field", "node.field-exists", "store.no-such-record", "store.erased",
        "node.erase-stands", "node.not-affiliated", "node.not-person-and-organization",
    ]

    /// - Parameter mayFail: whether the disk may fail meanwhile.
    func work(_ node: SimulatedNode, mayFail: Bool = true) throws {
        try perform(deed(at: node), at: node, mayFail: mayFail)
    }

    /// Does something at a node, and tells the oracle.
    func perform(_ deed: Deed, at node: SimulatedNode, mayFail: Bool) throws {
        let fault = mayFail && mix.hasDiskFaults && random.chance(10) ? random.pick(FaultyDisk.Fault.allCases) : nil
        let newest = try fault.map { _ in try node.node.operations(limit: 1).first?.id } ?? nil
        if let fault { try FaultyDisk.arm(fault, at: 1 + random.below(random.pick([8, 40, 120])), in: node.home + "/") }
        let result = Result { try deed.run(node.node) }
        let hasStruck = fault != nil && FaultyDisk.hasStruck
        if fault != nil { FaultyDisk.disarm() }
        if fault == .powerLoss { try losePower(node, kept: random.pick([0, 1, 3, 1_000])) }
        let before = try node.look()
        let words = deed.text.split(separator: " ", maxSplits: 1).map(String.init)
        var operation: OperationID?
        switch result {
        case .success(let done):
            operation = done
            if done != nil { node.refused = nil }
            tell("\(node.index)", words[0], words.count > 1 ? words[1] : "")
        case .failure(let error):
            guard let error = error as? any CodedError else { throw error }
            if !hasStruck {
                guard SimulatedFleet.refusals.contains(error.code) else { throw error }
                guard node.rows == before else {
                    let changed = Set(before.keys).union(node.rows.keys).filter { before[$0] != node.rows[$0] }.sorted()
                    throw Disagreement("at \(node.index) \(error.code) left a change in \(changed): \(deed.text), \(String(describing: fault)) \(error)")
                }
                tell("\(node.index)", "is refused:", "\(error.code): \(deed.text)")
                return
            }
            tell("\(node.index)", "fails to do:", "\(deed.text): \(error.code)")
            // The disk failed: all of it is there, or nothing.
            let last = try node.node.operations(limit: 1).first?.id
            if last != newest { operation = last } else { node.refused = (deed, newest) }
        }
        if operation != nil { oracle.erase(deed.erases) }
        try oracle.observe(deed.action, operation, before: before, after: node.rows)
        try checkMoment(node, before: before)
    }

    // MARK: What people do

    private func deed(at node: SimulatedNode) throws -> Deed {
        let customers = node.rows.filter(\.value.kind.isCustomer).keys.sorted()
        guard !customers.isEmpty else { return try random.chance(50) ? table() : newcomer(node) }
        let record = random.pick(customers), name = record.description
        if mix.hasErasures, random.chance(3) { return try erasure(node, record) }
        if mix.hasAffiliations, random.chance(25) { return try affiliation(node, customers) }
        if random.chance(mix.movesPercent) { return random.chance(30) ? note(name) : relocation(name) }
        switch random.below(100) {
        case 0..<7: return try newcomer(node)
        case 7..<33: return mix.hasSourceOrder && random.chance(30) ? try connection(node, record) : edit(name)
        case 33..<47: return try table()
        case 47..<56:
            let assignment = Assignment(field: "tags", verb: random.pick([.add, .remove]), text: random.pick(["vip", "north", "old"]))
            return Deed(text: "tags \(name) \(assignment.verb) \(assignment.text)") { try $0.edit(name, [assignment]).operation }
        case 56..<60: return Deed(text: "deletes \(name)") { try $0.delete(name).operation }
        case 60..<64: return Deed(text: "restores \(name)") { try $0.restore(name).operation }
        case 64..<69:
            let other = random.pick(customers).description
            return Deed(text: "merges \(name) and \(other)") { try $0.merge(name, other).operation }
        case 69..<72:
            let view = try OracleView(oracle, of: node.rows), linked = customers.filter { view.members(of: $0).count > 1 }
            let name = linked.isEmpty ? name : random.pick(linked).description, isDissolving = random.chance(30)
            return Deed(text: "unmerges \(name)") { try $0.unmerge(name, dissolving: isDissolving).operation }
        case 72..<82: return try resolution(node)
        case 82..<90: return try reversal(node)
        case 90..<93: return note(name)
        case 93..<94: return definition()
        case 94..<97: return mix.hasSourceOrder && random.chance(30) ? definition() : try connection(node, record)
        default: return node.isLater ? novelty(node, record) : try connection(node, record)
        }
    }

    private func newValue() -> String { "v\(newNumber())" }

    private func newcomer(_ node: SimulatedNode) throws -> Deed {
        var assignments = [Assignment(field: "name", verb: .set, text: newValue()), Assignment(field: "city", verb: .set, text: random.pick(["Wuhan", "Hefei"]))]
        if random.chance(50) { assignments.append(Assignment(field: "phone", verb: .add, text: "1380013800\(random.below(4))")) }
        if random.chance(30) { assignments.append(Assignment(field: "title", verb: .set, text: newValue())) }
        let own = try node.scopes().filter { $0 != ScopeSet.shared }
        guard !own.isEmpty else { return edit("erp:0") }
        let inside = SimulatedFleet.territories.filter { place in own.contains { OraclePlaces.isWithin(place, $0) } }
        let scope = mix.hasTerritories && random.chance(80) && !inside.isEmpty ? random.pick(inside) : own[0]
        let tags = random.chance(50) ? ["vip"] : []
        let kind: RowKind = mix.hasAffiliations && random.chance(50) ? .organization : .person
        if kind == .organization { assignments.removeAll { $0.field == "title" } }
        return Deed(text: "adds \(kind.name) \(assignments.map(\.text)) in \(scope)") { try $0.add(kind, assignments, tags: tags, scope: scope).operation }
    }

    /// Says that a person belongs to an organization, or does no more.
    private func affiliation(_ node: SimulatedNode, _ customers: [RowID]) throws -> Deed {
        let named = [RowKind.person, .organization].map { kind in customers.filter { node.rows[$0]?.kind == kind } }
        guard !named[0].isEmpty, !named[1].isEmpty else { return try newcomer(node) }
        let person = random.pick(named[0]).description, organization = random.pick(named[1]).description
        if random.chance(25) {
            return Deed(text: "parts \(person) from \(organization)") { try $0.endAffiliation(of: person, with: organization).operation }
        }
        let role = random.pick([nil, "decider", "user", ""]), title = random.chance(30) ? newValue() : nil
        return Deed(text: "affiliates \(person) with \(organization) as \(role ?? "before")") {
            try $0.affiliate(person, with: organization, role: role, title: title).operation
        }
    }

    private func edit(_ name: String) -> Deed {
        var assignments = [Assignment(field: random.pick(["title", "title", "address", "name"]), verb: .set, text: newValue())]
        if random.chance(20) { assignments.append(Assignment(field: "note", verb: .set, text: random.pick(["", "same", newValue()]))) }
        if random.chance(15) { assignments.append(Assignment(field: "stage", verb: .set, text: random.pick(["lead", "customer", ""]))) }
        if random.chance(15) {
            let field = random.pick(["first_contact_date", "last_contact_date"])
            assignments.append(Assignment(field: field, verb: .set, text: "2026-0\(1 + random.below(3))-15"))
        }
        if mix.hasSourceOrder, random.chance(25) { assignments.append(Assignment(field: "standing", verb: .set, text: newValue())) }
        let message = random.chance(10) ? newValue() : nil
        return Deed(text: "edits \(name) \(assignments.map { "\($0.field)=\($0.text)" })") { try $0.edit(name, assignments, message: message).operation }
    }

    func note(_ name: String) -> Deed {
        let text = newValue(), next = random.chance(30) ? (due: "2026-03-01", text: newValue()) : nil
        return Deed(text: "notes \(text) of \(name)") { try $0.note(name, text: text, next: next).operation }
    }

    func relocation(_ name: String) -> Deed {
        let scope = random.chance(6) ? ScopeSet.root : random.pick(SimulatedFleet.territories)
        if random.chance(20) {
            let owner = newValue()
            return Deed(text: "assigns \(name) to \(owner) in \(scope)") { try $0.assign([name], to: owner, scope: scope).operation }
        }
        return Deed(text: "relocates \(name) to \(scope)") { try $0.move([name], to: scope).operation }
    }

    /// A file of a source, in which each customer's values are of few versions, so that it goes back now and then.
    func table() throws -> Deed {
        let source = random.pick(["erp", "crm"])
        var text = "external_id,name,title,tags,city,first_contact_date\n"
        for number in 0..<4 where random.chance(60) {
            let title = random.pick(["\(source)-1", "\(source)-2", "\(source)-3", "\\N", ""])
            text += "\(number),\(source) \(number),\(title),\(random.pick(["vip", "vip;north", ""])),\(random.pick(["Wuhan", "", "Lanzhou"])),"
            text += random.pick(["2026-02-01", ""]) + "\n"
        }
        let folder = folder
        return Deed(text: "imports \(source)", action: .statement(source: source)) { node in
            let outcome = try node.importText(text, source: source, in: folder)
            guard outcome.created + outcome.updated + outcome.unchanged + outcome.rejected == outcome.rows,
                outcome.rejected == outcome.erased + outcome.elsewhere else {
                throw Disagreement("an import counts \(outcome)")
            }
            return outcome.operation
        }
    }

    /// A connector's word on a customer that another source may speak of too.
    private func connection(_ node: SimulatedNode, _ record: RowID) throws -> Deed {
        let source = random.pick(["erp", "crm", "billing"]), value = random.pick(["\(source)-1", "\(source)-2", nil, newValue()])
        let fields = try node.node.fields().catalogue, isTrusting = mix.hasSourceOrder && random.chance(70)
        let field = (isTrusting ? fields["standing"] : nil)?.id ?? fields[random.pick(["title", "city", "name"])]!.id
        // All of them speak of one customer.
        let record = isTrusting ? node.rows.filter(\.value.kind.isCustomer).keys.min() ?? record : record
        let days: Int64? = random.pick([nil, nil, -30, 0, 2])
        return Deed(text: "hears \(source) say \(value ?? "nothing") of \(record) field \(field.rawValue)", action: .statement(source: source)) { node in
            let operation = node.environment.newID()
            let rows = try node.store.write { writer in
                let edition = try Edition(writer, author: node.author, operation: operation)
                let time = days.map { Stamp(rawValue: SimulatedFleet.began + $0 * 86_400_000_000) }
                try edition.write(CellKey(field: field.rawValue), value.map(OracleText.bytes), in: record, source: source, time: time)
                let rows = try edition.commit()
                if rows > 0 { try writer.log(operation, author: node.author, command: "connect \(source)", rows: rows) }
                return rows
            }
            return rows > 0 ? operation : nil
        }
    }

    private func definition() -> Deed { random.pick(trustDeeds()) }

    /// Says which sources are trusted, and defines a field that shows the one that is trusted most.
    func trustDeeds() -> [Deed] {
        let sources = random.pick([["erp", "crm"], ["crm"], ["billing", "erp"], []])
        return [
            Deed(text: "orders sources \(sources)") { try $0.orderSources(sources) },
            Deed(text: "defines standing") { try $0.defineField(FieldDefinition(name: "standing", type: .text, policy: .sourceOrder)).operation },
        ]
    }

    /// What only programs of the later release can say.
    private func novelty(_ node: SimulatedNode, _ record: RowID) -> Deed {
        let name = record.description
        switch random.below(3) {
        case 0:
            let assignment = Assignment(field: "loyalty", verb: .set, text: "\(random.below(20))")
            return Deed(text: "rates \(name) \(assignment.text)") { try $0.edit(name, [assignment]).operation }
        case 1:
            let assignment = Assignment(field: "allergies", verb: random.pick([.add, .remove]), text: random.pick(["nuts", "dust"]))
            return Deed(text: "marks \(name) \(assignment.text)") { try $0.edit(name, [assignment]).operation }
        default:
            let row = RowID(high: 0x0198_0000_0000_7000, low: 1 << 63 | UInt64(random.below(4)))
            let cell = CellKey(field: 910 + UInt64(random.below(2))), text = newValue()
            return Deed(text: "signs \(row) \(text)") { node in
                let operation = node.environment.newID()
                try node.store.write { writer in
                    let edition = try Edition(writer, author: node.author, operation: operation)
                    try edition.open(row, kind: LaterVersion.contract)
                    try edition.write(cell, LaterVersion.value(text), in: row)
                    try writer.log(operation, author: node.author, command: "sign", rows: edition.commit())
                }
                return operation
            }
        }
    }

    private func erasure(_ node: SimulatedNode, _ record: RowID) throws -> Deed {
        let all = try OracleView(oracle, of: node.rows).members(of: record).filter { node.rows[$0] != nil }
        return Deed(text: "erases \(all)", erases: all) { try $0.erase(record.description, confirmation: record.description).operation }
    }

    // MARK: Conflicts and undo

    private func resolution(_ node: SimulatedNode) throws -> Deed {
        let conflicts = try node.node.conflicts().conflicts
        if conflicts.isEmpty { return Deed(text: "finds no conflict") { _ in nil } }
        if random.chance(15) {
            let rule: ResolutionRule = random.chance(50) ? .policy(.latest) : .prefer(random.pick(["erp", "node 1"]))
            return Deed(text: "resolves all", action: .resolution) { try $0.resolveAll(ConflictFilter(), by: rule).operation }
        }
        let conflict = random.pick(conflicts), decision: Decision
        if random.chance(50) {
            decision = .pick(random.pick(conflict.candidates.map(\.dot).sorted()))
        } else {
            let text = switch (conflict.kind, conflict.field) {
            case (.deleteEdit, "affiliation"): random.pick(["ended", "living"])
            case (_, "affiliation.decision_role"): random.pick(["decider", "user"])
            case (.deleteEdit, _): random.pick(["deleted", "living"])
            case (.link, _): random.pick(["yes", "no"])
            case (_, "scope"): random.pick(SimulatedFleet.territories)
            case (_, "loyalty"): "\(random.below(20))"
            case (_, "first_contact_date"), (_, "last_contact_date"): "2026-01-20"
            default: newValue()
            }
            decision = .value(text)
        }
        return Deed(text: "resolves \(conflict.key) \(decision)", action: .resolution) { node in
            let outcome = try node.resolve(conflict.key, decision)
            if try node.conflicts().conflicts.contains(where: { $0.key == conflict.key }) {
                throw Disagreement("a conflict that was resolved is listed: \(conflict)")
            }
            return outcome.operation
        }
    }

    private func reversal(_ node: SimulatedNode) throws -> Deed {
        let operations = try node.node.operations(limit: 6).filter { $0.undoneBy == nil }
        guard !operations.isEmpty else { return Deed(text: "finds nothing to undo") { _ in nil } }
        let target = random.pick(operations)
        return Deed(text: "undoes \(target.command)", action: .undo(target.id)) { try $0.undo(target.id).operation }
    }

    /// Links two customers and parts them again: both must read as before.
    func linkAndPart(_ node: SimulatedNode) throws {
        let view = try OracleView(oracle, of: node.rows)
        let alone = view.customers.filter { $0.members == [$0.id] && view.members(of: $0.id).count == 1 && !$0.isDeleted }.map(\.id)
        guard alone.count > 1 else { return }
        let first = random.pick(alone), second = random.pick(alone)
        let isLinked = node.rows.contains { id, row in
            row.kind == .link && [FieldID.first, .second].allSatisfy { [first.description, second.description].contains(view.latest($0, in: id) ?? "") }
        }
        if first == second || isLinked { return }
        let before = try [first, second].map { try node.node.text(of: $0) }
        let merge = Deed(text: "links \(first) and \(second)") { try $0.merge(first.description, second.description).operation }
        try perform(merge, at: node, mayFail: false)
        // People who may not write in its territory cannot link it either.
        guard try node.node.show(first.description).members.count > 1 else { return }
        try perform(Deed(text: "parts \(second)") { try $0.unmerge(second.description).operation }, at: node, mayFail: false)
        let after = try [first, second].map { try node.node.text(of: $0) }
        guard before == after else { throw Disagreement("linked and parted, they read\n\(after)\nand not\n\(before)") }
    }
}
