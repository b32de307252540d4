import Foundation

/// Packets between two programs of this machine over a line that is slow, far and lossy.
///
/// A tunnel device hands every packet to this process, which exchanges its two addresses and writes it back: who sends to
/// `far` reaches what listens at `near`, and sees the answers come from `far`. The checksums stay right, and the kernel's own
/// TCP deals with what is lost. Each direction has a queue of its own that drops what does not fit, as a modem has.
/// It simulates neither bursts of loss, nor a rate or a delay that changes.
final class PacketLine: @unchecked Sendable {
    struct Condition {
        var lossShare = 0.05
        /// One way.
        var delayMilliseconds = 300
        var bitsPerSecond = 64_000
        /// What waits for its turn in one direction.
        var queueBytes = 32 << 10
    }

    static let near = "10.64.0.1", far = "10.64.0.2"
    private let tunnel: Int32
    private let condition: Condition
    private let lock = NSCondition()
    private var waiting: [(due: ContinuousClock.Instant, packet: [UInt8])] = []
    private var freeAt: [ContinuousClock.Instant] = [.now, .now]
    private var random: UInt64
    private(set) var lost = 0
    private(set) var carried = 0

    /// Makes the device in the network namespace that this process runs in.
    init(_ condition: Condition, seed: UInt64, outputPath: String) throws {
        self.condition = condition
        random = seed
        tunnel = open("/dev/net/tun", O_RDWR)
        guard tunnel >= 0 else { throw BenchmarkError("there is no tunnel device") }
        // struct ifreq: the name in 16 bytes, then the flags IFF_TUN | IFF_NO_PI.
        var request = [UInt8](repeating: 0, count: 40)
        request.replaceSubrange(0..<5, with: "limn0".utf8)
        (request[16], request[17]) = (0x01, 0x10)
        // TUNSETIFF
        guard ioctl(tunnel, 0x4004_54CA, &request) == 0 else { throw BenchmarkError("a tunnel cannot be made here") }
        for command in [["link", "set", "lo", "up"], ["addr", "add", "\(Self.near)/24", "dev", "limn0"], ["link", "set", "limn0", "up"]] {
            _ = try ChildProcess("/usr/bin/env", ["ip"] + command, environment: BadLine.environment, outputPath: outputPath).wait()
        }
        Thread.detachNewThread { self.take() }
        Thread.detachNewThread { self.deliver() }
    }

    /// Linear congruential steps (Knuth, MMIX), of which the high bits are used.
    private func chance() -> Double {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(random >> 11) / Double(1 << 53)
    }

    private func take() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(tunnel, &buffer, buffer.count)
            // IPv4 alone; a TCP header follows.
            guard count >= 40, buffer[0] >> 4 == 4 else { if count < 0, errno != EINTR { return } else { continue } }
            var packet = Array(buffer[..<count])
            for byte in 12..<16 { packet.swapAt(byte, byte + 4) }
            let header = Int(packet[0] & 15) * 4
            let ports = (Int(packet[header]) << 8 | Int(packet[header + 1]), Int(packet[header + 2]) << 8 | Int(packet[header + 3]))
            schedule(packet, direction: ports.0 < ports.1 ? 0 : 1)
        }
    }

    private func schedule(_ packet: [UInt8], direction: Int) {
        lock.withLock {
            let now = ContinuousClock.now
            let begin = max(now, freeAt[direction])
            let queued = (begin - now) / .seconds(1) * Double(condition.bitsPerSecond) / 8
            guard queued + Double(packet.count) <= Double(condition.queueBytes), chance() >= condition.lossShare else {
                lost += 1
                return
            }
            carried += 1
            freeAt[direction] = begin + .seconds(Double(packet.count * 8) / Double(condition.bitsPerSecond))
            waiting.append((freeAt[direction] + .milliseconds(condition.delayMilliseconds), packet))
            lock.signal()
        }
    }

    private func deliver() {
        while true {
            let packet: [UInt8] = lock.withLock {
                while true {
                    let next = waiting.indices.min { waiting[$0].due < waiting[$1].due }
                    guard let next else {
                        lock.wait()
                        continue
                    }
                    let left = (waiting[next].due - .now) / .seconds(1)
                    if left <= 0 { return waiting.remove(at: next).packet }
                    _ = lock.wait(until: Date(timeIntervalSinceNow: left))
                }
            }
            _ = write(tunnel, packet, packet.count)
        }
    }
}

/// Syncs over a bad line: 5% of the packets lost each way, 300 ms each way, 64 kbit/s each way.
struct BadLine {
    let laboratory: Laboratory

    /// Measures in a network namespace of its own, where the system allows one; else says so and measures nothing.
    func measure(into report: inout Report) throws {
        let output = laboratory.path("bad-line.json")
        let words = ["unshare", "--user", "--map-root-user", "--net", CommandLine.arguments[0], "bad-line", laboratory.limn, laboratory.folder, output]
        do {
            _ = try ChildProcess("/usr/bin/env", words, environment: Self.environment, outputPath: laboratory.path("bad-line-output")).wait()
        } catch {
            FileHandle.standardError.write(Data("  the bad line was not measured: \(error)\n".utf8))
            return
        }
        let figures = try JSONDecoder().decode([Measured].self, from: Data(contentsOf: URL(fileURLWithPath: output)))
        for figure in figures { report.add(Figure("bad line, \(figure.name)", figure.value, figure.unit)) }
        laboratory.remove("bad-line.json")
    }

    /// Where `unshare` and `ip` are.
    static let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]

    private struct Measured: Codable {
        let name: String
        let value: Double
        let unit: String
    }

    /// The measurement itself, inside the namespace.
    static func run(limn: String, folder: String, output: String) throws {
        let laboratory = Laboratory(limn: limn, folder: folder)
        let line = try PacketLine(PacketLine.Condition(), seed: 20_260_101, outputPath: laboratory.path("line-output"))
        var figures: [Measured] = []
        func note(_ name: String, _ value: Double, _ unit: String) {
            figures.append(Measured(name: name, value: value, unit: unit))
            FileHandle.standardError.write(Data("  \(name): \(Figure.text(value)) \(unit)\n".utf8))
        }
        let rows = 10_000
        try StandardRows.write(rows, to: laboratory.path("line.csv"))
        try laboratory.run("line-hub", ["init", "--name", "line-hub"])
        try laboratory.run("line-hub", ["import", laboratory.path("line.csv"), "--source", "bench"])
        let server = try laboratory.start("line-hub", ["serve", "--listen", "\(PacketLine.near):0", "--insecure"])
        defer { server.stop() }
        let url = try server.firstLine().replacingOccurrences(of: PacketLine.near, with: PacketLine.far)
        let token = laboratory.path("line-token")
        for node in ["line-laptop", "line-train"] {
            try laboratory.run("line-hub", ["peer", "token", node]).output.write(to: URL(fileURLWithPath: token))
            try laboratory.run(node, ["init", "--name", node, "--join", url, "--token-file", token, "--insecure"])
        }
        let first = try syncUntilDone("line-laptop", laboratory)
        note("first sync of 10,000 customers", first.minutes, "min")
        note("first sync of 10,000 customers, bytes", first.bytes / 1e3, "KB")
        note("first sync of 10,000 customers, attempts", Double(first.attempts), "")
        let train = try syncUntilDone("line-train", laboratory, stoppedAfterSeconds: 30)
        note("the same, stopped every 30 s", train.minutes, "min")
        note("the same, stopped every 30 s, attempts", Double(train.attempts), "")
        for (node, side) in [("line-hub", "Here"), ("line-laptop", "There")] {
            let file = laboratory.path("line-corrections-\(node).csv")
            try StandardRows.writeCorrections(of: rows, side: side, to: file)
            try laboratory.run(node, ["edit", "--from", file, "--source", "bench"])
        }
        let edits = try syncUntilDone("line-laptop", laboratory)
        note("1,000 customers changed on each side", edits.minutes, "min")
        note("1,000 customers changed on each side, attempts", Double(edits.attempts), "")
        let digests = try ["line-hub", "line-laptop"].map { try laboratory.data($0, ["status"])["digest"] as? String }
        guard digests[0] == digests[1], digests[0] != nil else { throw BenchmarkError("the nodes differ after syncs over a bad line") }
        note("packets lost", 100 * Double(line.lost) / Double(max(1, line.lost + line.carried)), "%")
        try JSONEncoder().encode(figures).write(to: URL(fileURLWithPath: output))
        laboratory.remove("line-hub", "line-laptop", "line-train", "line.csv", "line-token")
    }

    /// Syncs as often as it takes, as a person would; where asked, each attempt is stopped after a while.
    private static func syncUntilDone(
        _ node: String, _ laboratory: Laboratory, stoppedAfterSeconds: Double? = nil
    ) throws -> (minutes: Double, bytes: Double, attempts: Int) {
        let began = ContinuousClock.now
        var bytes = 0.0
        for attempt in 1...30 {
            let process = try laboratory.start(node, ["sync", "--json"])
            let stopper = stoppedAfterSeconds.map { seconds in
                let work = DispatchWorkItem { process.stop() }
                DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: work)
                return work
            }
            let cost = try process.wait(expecting: [0, 69, 143])
            stopper?.cancel()
            if cost.exitCode == 143 { continue }
            let peer = (try Laboratory.data(of: cost)["peers"] as? [[String: Any]])?.first
            for side in ["pulled", "pushed"] { bytes += Double((peer?[side] as? [String: Any])?["bytes"] as? Int ?? 0) }
            if cost.exitCode == 0 { return ((ContinuousClock.now - began) / .seconds(60), bytes, attempt) }
        }
        throw BenchmarkError("thirty syncs over a bad line did not suffice")
    }
}
