import DataExchange
import ProfileModel
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A row as plain values, so that it outlives the reader's buffers.
enum ReadRow: Equatable {
    case row(line: Int, [String?])
    case rejected(line: Int, lastLine: Int, code: String, raw: String)

    var cells: [String?]? {
        if case .row(_, let cells) = self { cells } else { nil }
    }

    var code: String? {
        if case .rejected(_, _, let code, _) = self { code } else { nil }
    }
}

struct ReadTable: Equatable {
    var columns: [String] = []
    var rows: [ReadRow] = []

    var cells: [[String?]] { rows.compactMap(\.cells) }
    var codes: [String] { rows.compactMap(\.code) }
}

func collect(_ table: TableReader) throws(TableError) -> ReadTable {
    var read = ReadTable()
    while let entry = try table.next() {
        switch entry {
        case .row(let row):
            read.rows.append(.row(line: row.line, (0..<row.columnCount).map { row.string($0) }))
        case .rejected(let row):
            read.rows.append(
                .rejected(line: row.line, lastLine: row.lastLine, code: row.reason.code, raw: row.raw))
        }
    }
    read.columns = table.columns
    return read
}

func read(
    _ bytes: [UInt8], step: Int = .max, options: TableOptions = TableOptions(), name: String = "-"
) throws(TableError) -> ReadTable {
    try collect(TableReader(ByteInput(bytes: bytes, step: step, name: name), options: options))
}

func read(_ text: String, options: TableOptions = TableOptions(), name: String = "-") throws(TableError) -> ReadTable {
    try read(Array(text.utf8), options: options, name: name)
}

/// Reads from a function that cannot go back, as a pipe cannot.
func readPipe(_ bytes: [UInt8], step: Int = 65_536) throws(TableError) -> ReadTable {
    var position = 0
    let input = ByteInput(name: "-") { buffer in
        let count = min(buffer.count, step, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
    return try collect(TableReader(input))
}

func utf16(_ text: String, bigEndian: Bool, mark: Bool) -> [UInt8] {
    ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { unit in
        let high = UInt8(unit >> 8)
        let low = UInt8(unit & 0xFF)
        return bigEndian ? [high, low] : [low, high]
    }
}

/// What writers put out.
final class WrittenBytes {
    var bytes: [UInt8] = []
    func output() -> ByteOutput {
        ByteOutput { (piece: UnsafeRawBufferPointer) throws(TableError) in self.bytes += piece }
    }
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Small and repeatable (SplitMix64); the seed is `LIMN_SEED`, else a random one, and is printed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(test: String) {
        let given = getenv("LIMN_SEED").flatMap { UInt64(String(cString: $0)) }
        state = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("\(test): LIMN_SEED=\(state)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
