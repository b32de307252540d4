import Connectors
import CurlHTTP
import Foundation
import StandinServing
import Synchronization

/// A system that is asked of a stand-in, as the shared code asks it.
final class Asked {
    let system: any CRMSystem
    let session: CRMSession
    let object: MappedObject

    init(_ vendor: Vendor, _ standin: Standin, edits: [String] = []) throws {
        var mapping = try CRMSystems.standardMapping(vendor.name)
        for edit in vendor.edits + edits { mapping = try mapping.edited(edit) }
        let slept = Mutex<Int64>(0)
        let surroundings = CRMSession.Surroundings(
            now: { Int64(Date().timeIntervalSince1970 * 1_000_000) + slept.withLock { $0 } }, sleep: { wait in slept.withLock { $0 += wait } }, random: { 7 })
        (system, session) = try CRMSystems.open(
            vendor.name, mapping: mapping, baseURL: standin.url, secret: ConnectorSecret(text: vendor.secret(standin.url)),
            client: .init(userAgent: "test"), surroundings: surroundings, keep: { _ in })
        object = mapping[object: vendor.object]!
    }

    /// Pulls until the window is read.
    func pull(from cursor: PullCursor, pagesMaximum: Int = 400) throws -> (records: [RemoteRecord], tombstones: [RemoteTombstone], next: PullCursor) {
        var records: [RemoteRecord] = [], tombstones: [RemoteTombstone] = [], next = cursor
        for _ in 0..<pagesMaximum {
            let page = try system.pull(object, from: next)
            records += page.records
            tombstones += page.tombstones
            next = page.next
            if !page.hasMore { return (records, tombstones, next) }
        }
        throw Endless()
    }

    /// All ids that the system says exist.
    func ids() throws -> Set<String> {
        var ids: Set<String> = [], place: String?
        repeat {
            let page = try system.verify(object, after: place)
            ids.formUnion(page.clocks.map(\.id))
            place = page.next
        } while place != nil
        return ids
    }

    struct Endless: Error {}
}
