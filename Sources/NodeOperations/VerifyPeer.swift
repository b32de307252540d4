public import Causality
public import CurlHTTP
public import ProfileModel
public import ProfileStore
public import Replication

/// What a comparison with a peer found.
public struct Verification: Sendable {
    /// A row that the two stores held differently.
    public struct Difference: Sendable {
        public let id: RowID
        public let place: RowDifference.Place
        /// Nil where the row is not here.
        public let kind: RowKind?
        /// What people call the record, where it is a customer and here.
        public let name: String?
    }

    public let isEqual: Bool
    /// In the order of their ids.
    public let differences: [Difference]
    /// Rows that changed here, and rows that changed there; nil where nothing was to be repaired.
    public let repaired: (here: Int, there: Int)?
    public let roundTrips: Int
    /// The bytes of all bodies both ways.
    public let bytes: Int
    public let milliseconds: Int
}

extension Node {
    /// Finds the rows that this node and a peer hold differently; where asked, joins them on both sides.
    ///
    /// Rows that a sync has yet to carry differ too.
    /// - Durability: what is repaired is on disk on both sides when this returns.
    /// - Throws: what ends a sync, such as `http.unreachable`, `sync.not-admitted`; `node.no-token`.
    public func verify(
        with peer: Peer, isRepairing: Bool, options: SyncOptions = SyncOptions(), cancellation: Cancellation = Cancellation()
    ) throws -> Verification {
        let began = ContinuousClock.now
        let session = HTTPSyncSession(with: peer, token: try token(of: peer), options: options, cancellation: cancellation)
        let caller = VerifyCaller(store: store, environment: environment, isRepairing: isRepairing)
        let (report, error) = session.run(caller)
        if let error { throw error }
        let elapsed = ContinuousClock.now - began
        if report.pulled.changes > 0 { try catchUpSearch() }
        return Verification(
            isEqual: caller.isEqual, differences: try described(caller.differences),
            repaired: isRepairing ? (report.pulled.changes, report.pushed.changes) : nil, roundTrips: report.roundTrips,
            bytes: report.bytes, milliseconds: elapsed.milliseconds)
    }

    private func described(_ differences: [RowDifference]) throws -> [Verification.Difference] {
        try store.read { reader in
            try differences.map { difference in
                let row = try reader.row(difference.id)
                let field = FieldCatalogue.standard["name"]
                let profile = row?.kind.isCustomer == true ? try reader.profile(of: difference.id) : nil
                let name = field.flatMap { profile?.value($0) }?.plainText
                return Verification.Difference(id: difference.id, place: difference.place, kind: row?.kind, name: name)
            }
        }
    }
}
