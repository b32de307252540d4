internal import Foundation
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Where a store stands: what changes when its disk is copied to another machine or its file to another place.
enum MachineIdentity {
    /// The machine's id, the network's hardware addresses, and the file's device, inode and path, as one text.
    static func text(path: String) -> String {
        var status = stat()
        let file = stat(path, &status) == 0 ? "\(status.st_dev):\(status.st_ino)" : "-"
        return [machine, addresses, file, path].joined(separator: "|")
    }

    private static let machine: String = {
        let id = (try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)) ?? ""
        return id.trimmingCharacters(in: .whitespacesAndNewlines)
    }()

    /// The addresses of network interfaces that have hardware behind them; virtual ones come and go.
    private static let addresses: String = {
        let folder = "/sys/class/net"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let physical = names.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/device") }
        return physical.sorted().compactMap { try? String(contentsOfFile: "\(folder)/\($0)/address", encoding: .utf8) }
            .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.joined(separator: ",")
    }()
}
