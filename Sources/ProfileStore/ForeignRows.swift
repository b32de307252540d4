internal import Causality
internal import Foundation
internal import GRDB
internal import NodeEnvironment
internal import ProfileModel
internal import Replication
internal import WireFormat

/// What became of a neighbour's row.
enum RowReceipt {
    case changed, unchanged
    /// The neighbour may not write it: what it says is in the review queue.
    case outside
}

extension StoreWriter {
    /// Takes a neighbour's row, as far as this node holds it and the neighbour may write it.
    func receive(_ incoming: ReplicaRow, via: Int64, terms: ScopeTerms) throws -> RowReceipt {
        if try isErased(incoming.row, id: incoming.id, kind: incoming.kind) {
            try turnAway(incoming.row, id: incoming.id, kind: incoming.kind)
            return .unchanged
        }
        if incoming.kind == .erasure, try refusesErasure(incoming, terms.writable) { return .outside }
        let held = try node().held
        if held.isWhole, terms.writable.isWhole { return try join(incoming, via: via) ? .changed : .unchanged }
        let local = try row(incoming.id, like: incoming.kind) ?? rowOfAnotherTable(incoming.id, than: incoming.kind), record = try departure(incoming.id)
        if !terms.writable.isWhole, try !isWithin(terms.writable, local, record, incoming) {
            let known = local?.compact.context ?? record?.context ?? CausalContext()
            if known.covers(incoming.row.context) { return .unchanged }
            try sendToReview(incoming, beyond: known)
            return .outside
        }
        if local == nil, !held.isWhole {
            if let record, record.state == .gone {
                if record.context.covers(incoming.row.context) {
                    guard incoming.kind.belongsToCustomers else { return .unchanged }
                    return try takeBack(incoming, record, via: via) ? .changed : .unchanged
                }
            } else if try !isWithin(held, nil, nil, incoming) {
                // The neighbour may rely on this node to have what belongs to a customer that it takes to be here.
                guard incoming.kind.belongsToCustomers else { return .unchanged }
                try put(incoming.row, id: incoming.id, kind: incoming.kind, replacing: nil, via: via)
                return .unchanged
            }
        }
        return try join(incoming, via: via) ? .changed : .unchanged
    }

    /// Takes a row that has left with its customer: the customer may be here again, or come back with the next frame, or the
    /// neighbour may rely on this node to have it. Where the customer does not come it waits like any row that is elsewhere.
    private func takeBack(_ incoming: ReplicaRow, _ record: DepartureRecord, via: Int64) throws -> Bool {
        try put(incoming.row, id: incoming.id, kind: incoming.kind, replacing: nil, via: via)
        dueRows[incoming.id] = nil
        // So long as it waits it counts as nothing new.
        return try departure(incoming.id)?.state != .waiting
    }

    /// Whether a row is or was in one of the scopes, as far as it is known here, else by its own word.
    private func isWithin(_ scopes: ScopeSet, _ local: StoredRow?, _ record: DepartureRecord?, _ incoming: ReplicaRow) throws -> Bool {
        if let local {
            let places = try places(local)
            if try !places.isKnown || places.all.contains(where: { scopes.holds(try name(ofScope: $0)) }) { return true }
            let (owner, other) = try local.kind.belongsToCustomers ? customers(ofItem: local) : (nil, nil)
            return try scopesLeft(local.id, owner: owner, other: other, except: []).contains(where: scopes.holds)
        }
        if let record, record.state == .gone {
            return try (record.scopes + scopesLeft(record.id, owner: nil, other: nil, except: [])).contains(where: scopes.holds)
        }
        let derived = try incoming.kind.isCustomer ? RowTable.Derived() : itemColumns(incoming.row, id: incoming.id, kind: incoming.kind)
        let places = try places(of: incoming.row, id: incoming.id, kind: incoming.kind, derived: derived)
        if try !places.isKnown || names(places).contains(where: scopes.holds) { return true }
        let left = try incoming.row.scopesLeft + scopesLeft(incoming.id, owner: derived.owner, other: derived.other, except: [])
        return left.contains(where: scopes.holds)
    }

    // MARK: Departures

    /// Takes a neighbour's word that a row has left what this node holds; whether anything changed.
    ///
    /// - Parameter terms: what the neighbour holds is what it is served.
    func receive(_ departure: Departure, terms: ScopeTerms) throws -> Bool {
        let held = try node().held, told = departure.row
        guard !held.isWhole, !told.scopes.contains(where: held.holds), try !isErased(departure.id) else { return false }
        let record = try self.departure(departure.id)
        if let row = try row(departure.id, like: departure.kind) {
            // A stub's word may go back to what this node itself had: only somebody who holds the row can take it over.
            if record?.state == .left, !told.scopes.contains(where: terms.served.holds) { return false }
            return try depart(row, told, record)
        }
        if let record, record.state == .gone, record.context.covers(told.context) { return false }
        // Contexts of two holders are not united: what their rows come to together may be in this node's scopes again.
        let before = try place(ofCustomer: departure.id)
        try save(
            DepartureRecord(id: departure.id, kind: departure.kind, state: .gone, scopes: told.scopes, context: told.context), feed: nextFeed())
        if departure.kind.isCustomer { try moveBelongings(of: departure.id, from: before, to: scopeNumber(told.scopes[0])) }
        try addScopesLeft(told.scopesLeft, of: departure.id)
        return true
    }

    /// Lets go of a row that is held elsewhere, or keeps it until what it says beyond that has arrived there.
    private func depart(_ row: StoredRow, _ told: DepartedRow, _ record: DepartureRecord?) throws -> Bool {
        let own = row.compact.context, isWaiting = record?.state.isWaiting ?? false
        if row.kind.isCustomer {
            if own.covers(told.context), own != told.context { return false }
        }
        if row.kind.isCustomer || isWaiting, told.context.covers(own) {
            try save(DepartureRecord(id: row.id, kind: row.kind, state: .waiting, scopes: told.scopes, context: told.context), feed: nil)
            try evict(row.id, row.kind)
            try addScopesLeft(told.scopesLeft, of: row.id)
            return true
        }
        // More is known of where the row is than of what it says.
        if let record, record.context.covers(told.context) { return false }
        let state: DepartureRecord.State = record?.state == .left ? .left : row.kind.isCustomer || isWaiting ? .waiting : .toldOf
        try save(DepartureRecord(id: row.id, kind: row.kind, state: state, scopes: told.scopes, context: told.context), feed: nil)
        if row.kind.isCustomer { try put(row.compact, id: row.id, kind: row.kind, replacing: row, via: nil) }
        return true
    }

    // MARK: What a neighbour may not write

    /// The source that lists what came from outside a caller's scopes.
    static let outsideName = "scopes"

    /// Lists what a row says that nobody here has seen, for a person to accept or reject.
    private func sendToReview(_ incoming: ReplicaRow, beyond known: CausalContext) throws {
        let state = incoming.row.expanded
        let isNew = try incoming.kind.isCustomer && row(incoming.id, like: incoming.kind) == nil
        let owner = try incoming.kind.isCustomer
            ? incoming.id : itemColumns(incoming.row, id: incoming.id, kind: incoming.kind).owner ?? incoming.id
        for (cell, writes) in state.cells.sorted(by: { $0.key < $1.key }) where cell.field != FieldID.scope.rawValue {
            guard let write = writes.filter({ !known.covers($0.dot) }).max(by: Write.precedes), let value = write.value else { continue }
            let bytes = cell.element.isEmpty ? value : cell.element
            let text = FieldValue.plainText(of: bytes)
            let name = FieldCatalogue.standard[FieldID(rawValue: cell.field)]?.name ?? String(cell.field)
            let id = try naturalID("review", "\(incoming.id)|\(name)|\(write.identity)")
            if try row(id, like: .review) != nil { continue }
            var document = [
                "customer": owner.description, "field": name, "raw": text, "reason": "node.outside-admission", "author": write.header.author,
                "source": write.header.source ?? write.header.author,
            ]
            if incoming.kind.isCustomer { document["proposed"] = text }
            if isNew {
                document["kind"] = incoming.kind.name
                document["scope"] = scopeRegister(incoming.row, id: incoming.id)
            }
            try putReview(id, document, author: StoreWriter.outsideName)
        }
    }

    /// Whether a neighbour may not erase what it says is erased, as far as that is known here: a person is asked instead.
    private func refusesErasure(_ incoming: ReplicaRow, _ writable: ScopeSet) throws -> Bool {
        guard !writable.isWhole, try row(incoming.id, like: .erasure) == nil,
            let erased = try itemColumns(incoming.row, id: incoming.id, kind: .erasure).owner, let row = try row(erased), row.kind.isErasable,
            try !isWithin(writable, row, nil, incoming) else { return false }
        let said = incoming.row.expanded.cells[CellKey(field: FieldID.erased.rawValue)] ?? []
        let author = (said.first(where: \.isPerson) ?? said.first)?.header.author ?? StoreWriter.outsideName
        let id = try naturalID("review", "\(erased)|erase")
        if try self.row(id, like: .review) == nil {
            try putReview(id, [
                "customer": erased.description, "field": "erase", "raw": author, "reason": "node.outside-admission", "author": author,
            ], author: StoreWriter.outsideName)
        }
        return true
    }

    /// Lists something for a person to decide.
    func putReview(_ id: RowID, _ document: [String: String], author: String) throws {
        let header = Header(stamp: environment.now(), author: author, source: author, operation: environment.newID())
        let json = String(decoding: try JSONSerialization.data(withJSONObject: document, options: [.sortedKeys, .withoutEscapingSlashes]), as: UTF8.self)
        let content = CompactRow.PlainCell(key: CellKey(field: FieldID.content.rawValue), value: FieldValue.json(json).bytes)
        try put(CompactRow(base: .init(dot: nextDot(), header: header), plain: [content]), id: id, kind: .review, replacing: nil)
    }
}
