import Causality
import NodeOperations
import NodeServer
import ProfileModel
import ProfileStore
import Replication
import Testing

@Suite struct TerritoryServerTests {
    private let fleet = Fleet()

    /// Whatever a caller claims to hold, its token bounds what it is sent.
    @Test func aTokenOfNarrowerScopesGetsNothingOutside() async throws {
        let server = try fleet.found("headquarters")
        let east = try server.add(.person, [Assignment("name=east")], scope: "cn/east/shanghai").id
        let west = try server.add(.person, [Assignment("name=west")], scope: "cn/west").id
        let root = try server.add(.person, [Assignment("name=root")]).id
        _ = try server.note(west.description, text: "a visit")
        let own = try server.store.identity()
        let caller = try fleet.found("laptop", deployment: Deployment(id: own.deployment, key: own.hashKey))
        #expect(try caller.store.identity().scopes.isWhole)
        let token = try server.admit(name: "laptop", scopes: ["cn/east"])
        let wide = try await fleet.serving(server) { (url) async throws in
            try await onThread {
                let peer = try caller.addPeer(name: "headquarters", url: url, token: token)
                let first = caller.sync(with: peer)
                #expect(first.error == nil)
                #expect(first.report.warnings.map(\.code) == ["sync.not-granted"])
                func has(_ id: RowID) throws -> Bool { try caller.store.read { try $0.row(id) != nil } }
                #expect(try has(east))
                #expect(try !has(west) && !has(root))
                #expect(try caller.store.read { try $0.items(.event) }.isEmpty)
                // What it writes outside goes to a person there.
                _ = try caller.add(.person, [Assignment("name=stray")], scope: "cn/west")
                let second = try caller.sync(with: caller.peers(named: ["headquarters"])[0])
                #expect(second.report.warnings.map(\.code).contains("sync.outside"))
                #expect(try server.reviewItems().map(\.raw) == ["stray"])
                #expect(try server.status().counts.customers == 3)
                // A move out of its scopes takes the customer away from it.
                _ = try server.move([east.description], to: "cn/north")
                _ = try server.move([west.description], to: "cn/east")
                let third = try caller.sync(with: caller.peers(named: ["headquarters"])[0])
                #expect(third.error == nil)
                #expect(try has(west))
                return try has(east)
            }
        }
        // The caller takes itself to hold everything: nobody takes away what it once had.
        #expect(wide)
    }
}
