import Foundation

/// Why a measurement could not be taken.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A program at work, and what it cost once it has ended.
final class ChildProcess {
    /// What a program that has ended cost.
    struct Cost {
        /// User and system time.
        let cpuSeconds: Double
        let wallSeconds: Double
        let peakBytes: Int
        let exitCode: Int32
        let output: Data
    }

    let id: pid_t
    private let outputPath: String
    private let began = ContinuousClock.now

    /// Starts a program; what it writes goes into a file.
    init(_ program: String, _ arguments: [String], environment: [String: String], outputPath: String) throws {
        self.outputPath = outputPath
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, outputPath + ".talk", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + settings).forEach { free($0) } }
        var child: pid_t = 0
        guard posix_spawn(&child, program, &actions, nil, &words, &settings) == 0 else { throw BenchmarkError("cannot start \(program)") }
        id = child
    }

    /// The first line of the output, as soon as there is one.
    func firstLine() throws -> String {
        for _ in 0..<600 {
            if let text = try? String(contentsOfFile: outputPath, encoding: .utf8), let end = text.firstIndex(of: "\n") { return String(text[..<end]) }
            usleep(50_000)
        }
        throw BenchmarkError("a server did not start: \(talk)")
    }

    private var said: String { (try? String(contentsOfFile: outputPath, encoding: .utf8).prefix(2_000)).map(String.init) ?? "" }

    private var talk: String { (try? String(contentsOfFile: outputPath + ".talk", encoding: .utf8)) ?? "" }

    /// Waits for the end. Any other exit code than those expected is an error.
    func wait(expecting codes: Set<Int32> = [0]) throws -> Cost {
        var status: Int32 = 0
        var usage = rusage()
        while wait4(id, &status, 0, &usage) < 0, errno == EINTR {}
        let elapsed = (ContinuousClock.now - began) / .seconds(1)
        let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        guard codes.contains(code) else { throw BenchmarkError("exit code \(code): \(talk)\(said)") }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return Cost(
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), wallSeconds: elapsed, peakBytes: Int(usage.ru_maxrss) * 1024,
            exitCode: code, output: try Data(contentsOf: URL(fileURLWithPath: outputPath)))
    }

    func stop() { kill(id, SIGTERM) }
}

/// Runs of the program under measurement, each with a store of its own.
struct Laboratory {
    let limn: String
    /// The folder that holds all that is made.
    let folder: String

    func path(_ name: String) -> String { folder + "/" + name }

    /// Starts a command on a node.
    func start(_ node: String, _ arguments: [String]) throws -> ChildProcess {
        let environment = [
            "LIMN_HOME": path(node), "LIMN_AUTHOR": "bench", "LIMN_LANG": "en", "HOME": folder, "PATH": "/usr/bin:/bin",
        ]
        return try ChildProcess(limn, arguments, environment: environment, outputPath: path("output-\(node)-\(arguments[0])"))
    }

    /// Runs a command on a node to its end.
    @discardableResult
    func run(_ node: String, _ arguments: [String], expecting codes: Set<Int32> = [0]) throws -> ChildProcess.Cost {
        do { return try start(node, arguments).wait(expecting: codes) } catch let error as BenchmarkError {
            throw BenchmarkError("limn \(arguments.joined(separator: " ")) on \(node): \(error)")
        }
    }

    /// What a command reports in `data`.
    func data(_ node: String, _ arguments: [String]) throws -> [String: Any] { try Laboratory.data(of: run(node, arguments + ["--json"])) }

    static func data(of cost: ChildProcess.Cost) throws -> [String: Any] {
        guard let document = try JSONSerialization.jsonObject(with: cost.output) as? [String: Any], let data = document["data"] as? [String: Any] else {
            throw BenchmarkError("a command printed no document")
        }
        return data
    }

    /// A server on a free port.
    func serve(_ node: String) throws -> (process: ChildProcess, url: String) {
        let process = try start(node, ["serve", "--listen", "127.0.0.1:0"])
        return (process, try process.firstLine())
    }

    /// Makes a node that belongs to the deployment which answers at an address.
    func join(_ node: String, to host: String, at url: String) throws {
        let token = try run(host, ["peer", "token", node]).output
        let file = path("token-\(node)")
        guard FileManager.default.createFile(atPath: file, contents: token, attributes: [.posixPermissions: 0o600]) else {
            throw BenchmarkError("cannot write \(file)")
        }
        try run(node, ["init", "--name", node, "--join", url, "--token-file", file])
    }

    func remove(_ names: String...) { for name in names { try? FileManager.default.removeItem(atPath: path(name)) } }

    /// The bytes of a node's store, its log copied in.
    func storeBytes(_ node: String) throws -> Int {
        try PlainTables.truncateLog(of: path(node) + "/limn.sqlite")
        let files = FileManager.default.enumerator(atPath: path(node))?.compactMap { $0 as? String } ?? []
        return files.reduce(0) { $0 + bytes(path(node) + "/" + $1) }
    }

    func bytes(_ path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
    }
}
