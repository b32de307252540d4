package import Foundation
internal import MergeVectors
internal import WireFormat

/// The stores of released versions, as `peers/golden` keeps them.
package enum GoldenStore {
    package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("peers/golden")

    /// The versions that there are, oldest first.
    package static var versions: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.filter { $0.first?.isNumber == true }.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    }

    /// What a version left to be compared with: the JSON document `expected.json`.
    package static func expected(_ version: String) throws -> [String: Any] {
        let data = try Data(contentsOf: root.appendingPathComponent(version + "/expected.json"))
        guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else { throw Disagreement("no object") }
        return object
    }

    /// Puts a version's store into a new folder, or in the place of one that is there.
    package static func unpack(_ version: String, to home: String) throws {
        guard let count = try expected(version)["storeBytes"] as? Int else { throw Disagreement("the size of the store is unknown") }
        var store = [UInt8](repeating: 0, count: count)
        let packed = try Data(contentsOf: root.appendingPathComponent(version + "/store.sqlite.zst"))
        try packed.withUnsafeBytes { packed in try store.withUnsafeMutableBytes { try Decompressor().decompress(packed, into: $0) } }
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in ["limn.sqlite", "limn.sqlite-wal", "limn.sqlite-shm"] { try? FileManager.default.removeItem(atPath: home + "/" + name) }
        try Data(store).write(to: URL(fileURLWithPath: home + "/limn.sqlite"))
    }
}
