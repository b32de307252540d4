internal import Causality
internal import MergeVectors
internal import ProfileModel

/// What must be read of the rows that one store holds: worked out from the oracle's own events and lists of overrulings, after
/// the rules and not after the product.
struct OracleView {
    typealias Event = FleetOracle.Event

    let rows: FleetOracle.Snapshot
    private let events: [RowID: [CellKey: [Event]]]
    private let overlong: Set<FleetOracle.Place>
    private let profiles: [RowID: [RowID]]
    /// What people say of each pair.
    private let links: [Link]

    private struct Link {
        let row: RowID
        let ends: Set<RowID>
        let sayings: [Event]

        /// What counts, the latest word.
        var isSame: Bool { sayings.max(by: OracleView.precedes)?.write.value == OracleView.yes }
    }

    private static let yes = OracleText.bytes("yes")
    static let life = CellKey(field: FieldID.life.rawValue)

    /// - Throws: where a store holds a write that nobody made.
    init(_ oracle: FleetOracle, of rows: FleetOracle.Snapshot) throws {
        self.rows = rows
        overlong = oracle.overlong
        var events: [RowID: [CellKey: [Event]]] = [:]
        for (row, held) in rows {
            events[row] = try Dictionary(uniqueKeysWithValues: held.state.cells.map { cell, writes in
                let place = FleetOracle.Place(row: row, cell: cell)
                return (cell, try writes.map { write in
                    guard let event = oracle.events[FleetOracle.Key(place: place, dot: write.dot)] else {
                        throw Disagreement("a write that nobody made: \(write.dot) in \(row) field \(cell.field)")
                    }
                    return event
                })
            })
        }
        self.events = events
        let links = rows.filter { $0.value.kind == .link }.keys.sorted().compactMap { row in OracleView.link(row, events[row] ?? [:]) }
        self.links = links
        profiles = OracleView.united(links)
    }

    // MARK: Links

    private static func link(_ row: RowID, _ cells: [CellKey: [Event]]) -> Link? {
        func end(_ field: FieldID) -> RowID? {
            cells[CellKey(field: field.rawValue)]?.first?.write.value.flatMap { UniqueID(OracleText.text($0)) }
        }
        guard let first = end(.first), let second = end(.second) else { return nil }
        let said = heard(cells[CellKey(field: FieldID.same.rawValue)] ?? []).filter(\.write.isPerson)
        return said.isEmpty ? nil : Link(row: row, ends: [first, second], sayings: said)
    }

    /// The records that people call the same, each with all of them in the order of their ids.
    private static func united(_ links: [Link]) -> [RowID: [RowID]] {
        var out: [RowID: Set<RowID>] = [:]
        for link in links where link.isSame {
            let all = link.ends.reduce(into: link.ends) { $0.formUnion(out[$1] ?? []) }
            for record in all { out[record] = all }
        }
        return out.mapValues { $0.sorted() }
    }

    /// The records of a record's profile, here or not.
    func members(of record: RowID) -> [RowID] { profiles[record] ?? [record] }

    /// The rows of links on which people contradict each other.
    var contestedLinks: Set<RowID> {
        Set(links.filter { link in
            if Set(link.sayings.map(\.write.value)).count > 1 { return true }
            if link.sayings[0].write.value == OracleView.yes { return false }
            let others = OracleView.united(links.filter { $0.row != link.row })
            return others[link.ends.first!]?.contains { $0 != link.ends.first! && link.ends.contains($0) } ?? false
        }.map(\.row))
    }

    // MARK: Cells

    static func precedes(_ a: Event, _ b: Event) -> Bool { precedes(a.write, b.write) }

    static func precedes(_ x: Write, _ y: Write) -> Bool {
        (x.header.stamp.rawValue, x.dot.origin.rawValue, x.dot.sequence) < (y.header.stamp.rawValue, y.dot.origin.rawValue, y.dot.sequence)
    }

    static func name(_ write: Write, in record: RowID) -> FleetOracle.Name {
        if let source = write.header.source { return .statement(record: record, source: source, value: write.value) }
        return .write(write.identity)
    }

    /// Of all that stands in a cell what may be shown.
    private static func heard(_ all: [Event]) -> [Event] {
        let overruled = all.reduce(into: Set<FleetOracle.Name>()) { $0.formUnion($1.overrules) }
        return all.filter { event in
            if overruled.contains(name(event.write, in: event.key.place.row)) { return false }
            guard let source = event.write.header.source else { return true }
            return !all.contains {
                $0.key.place.row == event.key.place.row && $0.write.header.source == source && precedes(event, $0)
            }
        }
    }

    /// What may be shown of a cell of these records.
    func candidates(_ cell: CellKey, of records: [RowID]) -> [Event] {
        OracleView.heard(records.flatMap { events[$0]?[cell] ?? [] })
    }

    /// The latest word in a register of one row.
    func latest(_ field: FieldID, in row: RowID) -> String? {
        candidates(CellKey(field: field.rawValue), of: [row]).max(by: OracleView.precedes)?.write.value.map(OracleText.text)
    }

    /// Whether a cell's overrulings go beyond what a write inherits, so that its reading cannot be told.
    func isOverlong(_ cell: CellKey, of records: [RowID]) -> Bool {
        !overlong.isEmpty && records.contains { overlong.contains(FleetOracle.Place(row: $0, cell: cell)) }
    }

    /// Whether anything here cannot be told.
    var hasOverlong: Bool { !overlong.isEmpty }

    func cells(of records: [RowID]) -> [CellKey] { Set(records.flatMap { events[$0].map { Array($0.keys) } ?? [] }).sorted() }

    // MARK: Customers

    /// A customer as it must be read.
    struct Customer {
        let id: RowID
        /// The records that are here.
        let members: [RowID]
        let lives: [Life]
        /// Those that are not deleted.
        var lenders: [RowID] { zip(members, lives).filter { $0.1 != .deleted }.map(\.0) }
        var isDeleted: Bool { lenders.isEmpty }
    }

    /// All customers, linked records once.
    var customers: [Customer] {
        rows.filter(\.value.kind.isCustomer).keys.sorted().compactMap { record in
            let all = members(of: record), here = all.filter { rows[$0] != nil }
            return here[0] == record ? Customer(id: all[0], members: here, lives: here.map(life)) : nil
        }
    }

    func life(_ record: RowID) -> Life {
        let heard = candidates(OracleView.life, of: [record]).map(\.write)
        let deletes = heard.filter { $0.value == Life.deletedValue }
        if deletes.isEmpty { return .living }
        if deletes.count < heard.count { return .conflict }
        let isContested = (events[record] ?? [:]).contains { cell, events in
            cell != OracleView.life && events.contains { event in
                event.write.isPerson && !deletes.contains { $0.seen!.covers(event.write.identity) }
            }
        }
        return isContested ? .conflict : .deleted
    }

    /// The event that a register shows by its field's policy.
    func shown(_ field: Field, of records: [RowID]) -> Event? {
        let found = candidates(CellKey(field: field.id.rawValue), of: records)
        let rank: (Event) -> Int
        switch field.policy {
        case .highest, .lowest:
            let values = found.map(\.write.value)
            guard !values.contains(nil) else { return found.max(by: OracleView.precedes) }
            let order = Set(values.compactMap { $0 }).sorted { OracleText.isLess($0, $1) }
            rank = { event in order.firstIndex(of: event.write.value!)! * (field.policy == .highest ? 1 : -1) }
        case .sourceOrder:
            let order = sourceOrder
            rank = { event in
                guard let source = event.write.header.source else { return .max }
                return order.firstIndex(of: source).map { order.count - $0 } ?? 0
            }
        case .latest, .longest: rank = { _ in 0 }
        }
        return found.max { rank($0) != rank($1) ? rank($0) < rank($1) : OracleView.precedes($0, $1) }
    }

    /// The order of sources that people gave.
    var sourceOrder: [String] {
        guard let row = rows.first(where: { $0.value.kind == .sourceOrder })?.key else { return [] }
        return latest(.content, in: row).flatMap { OracleText.members($0)["sources"] as? [String] } ?? []
    }

    /// The elements of a set that are present.
    func elements(_ field: FieldID, of records: [RowID]) -> [String] {
        cells(of: records).filter { cell in
            cell.field == field.rawValue && !cell.element.isEmpty && candidates(cell, of: records).contains { $0.write.value != nil }
        }.map { OracleText.text($0.element) }
    }

    /// The registers of a customer in which several things are said, as `FIELD KIND`.
    func contests(of customer: Customer) -> [String] {
        (customer.lives.contains(.conflict) ? ["1 deleteEdit"] : [])
            + cells(of: customer.members).filter { $0 != OracleView.life && $0.element.isEmpty }.compactMap { contest($0, of: customer.lenders) }
    }

    private func contest(_ cell: CellKey, of records: [RowID]) -> String? {
        let found = candidates(cell, of: records)
        guard Set(found.map(\.write.value)).count > 1 else { return nil }
        let people = found.filter(\.write.isPerson)
        let kind = people.isEmpty ? "disagreement" : Set(people.map(\.write.value)).count > 1 ? "field" : "source"
        return "\(cell.field) \(kind)"
    }

    /// What is said differently of each affiliation that has not ended, as `FIELD KIND`.
    var contestedAffiliations: [RowID: [String]] {
        var out: [RowID: [String]] = [:]
        for (id, row) in rows where row.kind == .affiliation {
            let names = [FieldID.first, .second].compactMap { latest($0, in: id).flatMap { UniqueID($0) } }
            let isSaid = candidates(OracleView.life, of: [id]).contains { $0.write.value != nil }
            if names.count < 2 || !isSaid || life(id) == .deleted { continue }
            out[id] = (life(id) == .conflict ? ["1 deleteEdit"] : [])
                + [FieldID.decisionRole, .title].compactMap { contest(CellKey(field: $0.rawValue), of: [id]) }
        }
        return out
    }

    /// Whether a customer says anything beside where it is.
    func isVacant(_ customer: Customer) -> Bool {
        !cells(of: customer.lenders).contains { cell in
            cell.field > FieldID.scope.rawValue && customer.lenders.contains { events[$0]?[cell]?.contains { $0.write.value != nil } ?? false }
        }
    }
}
