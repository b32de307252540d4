import FleetSupport
import NodeOperations
import ProfileModel
import Testing

extension TestFleet {
    /// Has rounds, syncs and resolutions until all agree; the round after them finds nothing to do.
    func comeToRest(_ history: Comment, _ round: () throws -> ConnectorCounts) throws {
        for _ in 0..<3 {
            _ = try round()
            try settle()
            _ = try self[1].resolveAll(ConflictFilter(), by: .policy(.latest))
            try settle()
        }
        let quiet = try round()
        #expect((quiet.written, quiet.made, quiet.updated, quiet.created) == (0, 0, 0, 0), history)
        #expect(try self[0].conflicts().total == 0, history)
    }
}
