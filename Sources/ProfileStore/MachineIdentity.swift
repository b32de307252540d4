internal import Foundation
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Where a store stands: what changes when its disk is copied to another machine or its file to another place.
struct MachineIdentity: Equatable {
    private let machine: String
    private let addresses: Set<String>
    private let file: String
    /// Three lines: machine, addresses, file.
    let text: String

    private init(machine: String, addresses: Set<String>, file: String) {
        (self.machine, self.addresses, self.file) = (machine, addresses, file)
        text = [machine, addresses.sorted().joined(separator: " "), file].joined(separator: "\n")
    }

    /// The place of a file on this machine: the machine's id, the network's hardware addresses, and the file's device,
    /// inode and path.
    init(path: String) {
        let number = FileNumber(path: path)
        let resolved = realpath(path, nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
        self.init(
            machine: MachineIdentity.machineID, addresses: MachineIdentity.hardwareAddresses,
            file: "\(number.map { "\($0.device):\($0.inode)" } ?? "-") \(resolved ?? path)")
    }

    /// Reads what `text` gave; nil where it did not.
    init?(text: String) {
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { return nil }
        self.init(machine: parts[0], addresses: Set(parts[1].split(separator: " ").map(String.init)), file: parts[2])
    }

    /// A place that has a name of its own in place of machine, addresses and file, as in a test.
    init(named name: String) { self.init(machine: name, addresses: [], file: name) }

    /// Whether this is the place that `text` gave.
    func `is`(_ text: String) -> Bool { text == self.text || MachineIdentity(text: text) == self }

    /// Whether both are one place. A dock or a new card changes some addresses; a copied machine has none in common.
    static func == (a: MachineIdentity, b: MachineIdentity) -> Bool {
        let sharesAddress = a.addresses.isEmpty || b.addresses.isEmpty || !a.addresses.isDisjoint(with: b.addresses)
        return a.machine == b.machine && a.file == b.file && sharesAddress
    }

    /// What people call this machine.
    static let machineName: String = {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "?" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    private static let machineID: String = {
        let id = (try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)) ?? ""
        return id.trimmingCharacters(in: .whitespacesAndNewlines)
    }()

    /// The addresses of interfaces that have hardware behind them; virtual ones come and go.
    private static let hardwareAddresses: Set<String> = {
        let folder = "/sys/class/net"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let physical = names.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/device") }
        let addresses = physical.compactMap { try? String(contentsOfFile: "\(folder)/\($0)/address", encoding: .utf8) }
        return Set(addresses.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty })
    }()
}

/// What a file system knows a file by: another file at the same path has another.
struct FileNumber: Equatable {
    let device: UInt64, inode: UInt64

    /// Nil where there is no such file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        (device, inode) = (UInt64(truncatingIfNeeded: status.st_dev), UInt64(truncatingIfNeeded: status.st_ino))
    }
}
