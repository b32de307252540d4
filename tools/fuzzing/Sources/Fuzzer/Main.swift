import CFuzzer
import Glibc

/// `Fuzzer TARGET [libFuzzer's arguments]`, `Fuzzer targets`, or `Fuzzer seeds TARGET FOLDER`.
@main struct Main {
    static let targets: [any FuzzTarget.Type] = [
        FrameTarget.self, MessageTarget.self, SessionTarget.self, CSVTarget.self, JSONLinesTarget.self, MappingTarget.self, ExpressionTarget.self,
        CardTarget.self,
    ]

    nonisolated(unsafe) static var target: any FuzzTarget.Type = FrameTarget.self

    static func main() throws {
        let arguments = CommandLine.arguments
        let names = targets.map { $0.name }
        if arguments.count == 2, arguments[1] == "targets" { return print(names.joined(separator: "\n")) }
        if arguments.count == 4, arguments[1] == "seeds", let index = names.firstIndex(of: arguments[2]) {
            return try writeSeeds(of: targets[index], to: arguments[3])
        }
        guard arguments.count > 1, let index = names.firstIndex(of: arguments[1]) else {
            talk("Fuzzer: name one of \(names.joined(separator: ", "))")
            exit(64)
        }
        target = targets[index]
        atexit { MemoryBound.report() }
        let passed = [arguments[0], "-max_len=\(target.inputBytesMaximum)"] + arguments.dropFirst(2)
        var copies = passed.map { strdup($0) } + [nil]
        exit(copies.withUnsafeMutableBufferPointer { fuzzer_run(Int32(passed.count), $0.baseAddress, takeOne) })
    }

    private static func writeSeeds(of target: any FuzzTarget.Type, to folder: String) throws {
        for (number, seed) in try target.seeds().enumerated() {
            let path = "\(folder)/seed-\(number / 10)\(number % 10)"
            guard let file = fopen(path, "w"), fwrite(seed, 1, seed.count, file) == seed.count, fclose(file) == 0 else { exit(74) }
        }
    }
}

/// What libFuzzer calls.
private func takeOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    do { try Main.target.take(UnsafeRawBufferPointer(start: bytes, count: count)) } catch {}
    return 0
}
