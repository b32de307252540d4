public import Causality
public import ProfileModel
public import WireFormat

/// What two nodes may tell each other, by the scopes of both.
public struct ScopeTerms: Hashable, Sendable {
    /// How often this node had entered or left scopes when it said what it holds: what the neighbour sends rests on that. Nil where
    /// it does not.
    public var epoch: UInt64?
    /// What the neighbour is served.
    public var served: ScopeSet
    /// What the neighbour has left, and of which it still has rows: it is told of departures from there.
    public var leaving: ScopeSet
    /// What the neighbour may write here.
    public var writable: ScopeSet

    public init(epoch: UInt64? = nil, served: ScopeSet = .whole, leaving: ScopeSet = .nothing, writable: ScopeSet = .whole) {
        self.epoch = epoch
        self.served = served
        self.leaving = leaving
        self.writable = writable
    }
}

/// What a neighbour has said of scopes.
public struct NeighbourScopes: Hashable, Sendable {
    /// What the neighbour holds, as far as it is served here.
    public var holds: ScopeSet
    /// How often the neighbour had entered or left scopes when it said so.
    public var epoch: UInt64
    /// What the neighbour has left, and of which it still has rows.
    public var leaving: ScopeSet
    /// What the neighbour lets this node read and write there; nil where only the neighbour has called so far.
    public var granted: ScopeSet?

    public init(holds: ScopeSet, epoch: UInt64, leaving: ScopeSet = .nothing, granted: ScopeSet?) {
        self.holds = holds
        self.epoch = epoch
        self.leaving = leaving
        self.granted = granted
    }
}

/// A row that has left a scope, as those are told who hold that scope.
public struct Departure: Hashable, Sendable {
    public let id: RowID
    public let kind: RowKind
    public let row: DepartedRow

    public init(id: RowID, kind: RowKind, row: DepartedRow) {
        self.id = id
        self.kind = kind
        self.row = row
    }
}

/// What a store keeps and serves by scopes.
public protocol TerritorialStore: AnyObject {
    /// For each reference the rows that it fits and the neighbour is served; as `ReplicaStore.rows(fitting:)`.
    ///
    /// Rows that came from the neighbour are among them.
    func rows(fitting references: [RowReference], toward neighbour: Neighbour) throws -> [[ReplicaRow]]

    /// What a neighbour said of scopes when they last met.
    func scopes(of neighbour: NeighbourID) throws -> NeighbourScopes?

    /// Keeps what a neighbour has said of scopes.
    ///
    /// A neighbour that holds more than before has acknowledged nothing of our feed; where it grants more, our cursor of
    /// its feed begins again.
    ///
    /// - Parameter beginsAgain: whether the neighbour holds nothing of our feed, as far as it knows: it may have left scopes
    ///   and entered them again since, and have let go of what it sent.
    func saveScopes(_ scopes: NeighbourScopes, of neighbour: NeighbourID, beginsAgain: Bool) throws

    /// What the rows of these scopes sum to.
    ///
    /// - Complexity: linear in the cells, of which there are 2¹⁴ and one for each 70 minutes in which a row was made by hand.
    func sums(within scopes: ScopeRange) throws -> StoreSums

    /// The rows of some cells with their fingerprints, in any order.
    func fingerprints(in cells: [SumCell], within scopes: ScopeRange) throws -> [RowFingerprint]
}
