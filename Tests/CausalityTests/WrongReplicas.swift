import Causality

/// A replica of registers, one a row, on which readings of the design can be tried: who is alive after which meetings.
protocol RegisterReplica {
    /// How the reading is called.
    static var title: String { get }
    init(origin: Origin)
    /// Overwrites all that it holds of a row.
    mutating func write(_ row: Int)
    /// Moves a row into a territory.
    mutating func move(_ row: Int, to territory: Int, now: Int64)
    /// Receives all rows, or no more than what goes with one; returns the rows that were received.
    mutating func receive(from other: Self, row: Int?) -> Set<Int>
    func living(_ row: Int) -> Set<Dot>
}

extension RegisterReplica {
    var allRows: Set<Int> { [0, 1, 2] }
}

/// The reading that Limn follows: rows that carry their own context.
struct RowContextReplica: RegisterReplica {
    static let title = "rows that carry their own context"
    private let origin: Origin
    private var sequence: UInt64 = 0
    private var rows: [Int: RowState] = [:]

    init(origin: Origin) { self.origin = origin }

    mutating func write(_ row: Int) {
        sequence += 1
        _ = rows[row, default: RowState()].writeAsPerson(
            CellKey(field: 1), [], record: RowID(high: 0, low: UInt64(row)), dot: Dot(origin: origin, sequence: sequence),
            now: Stamp(rawValue: 0), by: Authorship(author: "m", operation: OperationID(high: 0, low: sequence)),
            key: CausalReplica.key)
    }

    mutating func move(_ row: Int, to territory: Int, now: Int64) {}

    mutating func receive(from other: RowContextReplica, row: Int?) -> Set<Int> {
        let received = row.map { [$0] } ?? allRows
        for row in received { rows[row] = RowState.join(rows[row] ?? RowState(), other.rows[row] ?? RowState()) }
        return received
    }

    func living(_ row: Int) -> Set<Dot> { Set((rows[row]?.cells[CellKey(field: 1)] ?? []).map(\.dot)) }
}

/// Living operations travel, each with the names of what it overwrote; names once heard are remembered. No contexts.
struct NamedOverwritesReplica: RegisterReplica {
    static let title = "operations that name what they overwrite"
    private let origin: Origin
    private var sequence: UInt64 = 0
    private var operations: [Int: [Dot: Set<Dot>]] = [:]
    private var overwritten = Set<Dot>()

    init(origin: Origin) { self.origin = origin }

    mutating func write(_ row: Int) {
        sequence += 1
        let replaced = living(row)
        overwritten.formUnion(replaced)
        operations[row] = [Dot(origin: origin, sequence: sequence): replaced]
    }

    mutating func move(_ row: Int, to territory: Int, now: Int64) {}

    mutating func receive(from other: NamedOverwritesReplica, row: Int?) -> Set<Int> {
        let received = row.map { [$0] } ?? allRows
        for (row, theirs) in other.operations where received.contains(row) {
            for names in theirs.values { overwritten.formUnion(names) }
            let both = (operations[row] ?? [:]).merging(theirs) { mine, _ in mine }
            operations[row] = both.filter { !overwritten.contains($0.key) }
        }
        return received
    }

    func living(_ row: Int) -> Set<Dot> { Set((operations[row] ?? [:]).keys) }
}

/// Cells are joined by what the two nodes know as a whole; a session that was cut has not advanced it.
struct NodeVectorReplica: RegisterReplica {
    static let title = "cells joined by node-wide version vectors"
    private let origin: Origin
    private var sequence: UInt64 = 0
    private var cells: [Int: Set<Dot>] = [:]
    private var vector = CausalContext()

    init(origin: Origin) { self.origin = origin }

    mutating func write(_ row: Int) {
        sequence += 1
        let dot = Dot(origin: origin, sequence: sequence)
        cells[row] = [dot]
        vector.insert(dot)
    }

    mutating func move(_ row: Int, to territory: Int, now: Int64) {}

    mutating func receive(from other: NodeVectorReplica, row: Int?) -> Set<Int> {
        let received = row.map { [$0] } ?? allRows
        for row in received { cells[row] = joined(living(row), vector, other.living(row), other.vector) }
        if row == nil { vector.formUnion(other.vector) }
        return received
    }

    func living(_ row: Int) -> Set<Dot> { cells[row] ?? [] }
}

/// Each territory has its vector, by which the rows are joined that are in it now; one may receive a territory alone.
struct TerritoryVectorReplica: RegisterReplica {
    static let title = "version vectors per territory"
    private let origin: Origin
    private var sequence: UInt64 = 0
    private var cells: [Int: Set<Dot>] = [:]
    private var homes: [Int: Home] = [:]
    private var vectors: [Int: CausalContext] = [:]

    private struct Home {
        let territory: Int
        let time: Int64
        let origin: Origin
    }

    init(origin: Origin) { self.origin = origin }

    private func territory(_ row: Int) -> Int { homes[row]?.territory ?? 0 }

    mutating func write(_ row: Int) {
        sequence += 1
        let dot = Dot(origin: origin, sequence: sequence)
        cells[row] = [dot]
        vectors[territory(row), default: CausalContext()].insert(dot)
    }

    mutating func move(_ row: Int, to territory: Int, now: Int64) {
        homes[row] = Home(territory: territory, time: now, origin: origin)
    }

    mutating func receive(from other: TerritoryVectorReplica, row: Int?) -> Set<Int> {
        let received = row.map { row in allRows.filter { other.territory($0) == other.territory(row) } } ?? allRows
        for row in received {
            if let home = other.homes[row] {
                if homes[row].map({ ($0.time, $0.origin) < (home.time, home.origin) }) ?? true { homes[row] = home }
            }
            let place = territory(row)
            cells[row] = joined(
                living(row), vectors[place] ?? CausalContext(), other.living(row), other.vectors[place] ?? CausalContext())
        }
        for (place, vector) in other.vectors where row.map({ other.territory($0) == place }) ?? true {
            vectors[place, default: CausalContext()].formUnion(vector)
        }
        return received
    }

    func living(_ row: Int) -> Set<Dot> { cells[row] ?? [] }
}

/// A dot survives if both hold it, or one holds it and the other's vector does not cover it.
private func joined(_ a: Set<Dot>, _ knownToA: CausalContext, _ b: Set<Dot>, _ knownToB: CausalContext) -> Set<Dot> {
    a.filter { b.contains($0) || !knownToB.covers($0) }.union(b.filter { a.contains($0) || !knownToA.covers($0) })
}
