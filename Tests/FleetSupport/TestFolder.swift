internal import Foundation

/// A folder for one test, removed with the object; in memory where the system has such a place, so that a commit costs no disk.
package final class TestFolder {
    package let path: String

    package init() throws {
        let memory = "/dev/shm"
        let base = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        path = base + "/limn-test-\(UUID())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something inside.
    package subscript(name: String) -> String { path + "/" + name }

    /// Writes a file, and returns its path.
    package func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self[name]))
        return self[name]
    }
}
