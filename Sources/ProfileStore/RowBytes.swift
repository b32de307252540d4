internal import Causality

/// The bytes of blobs in the store: LEB128 numbers, and byte strings with their length before them.
struct RowBytes {
    private(set) var bytes: [UInt8] = []

    mutating func reserveCapacity(_ count: Int) { bytes.reserveCapacity(count) }

    mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func append(_ text: [UInt8]) {
        append(UInt64(text.count))
        bytes.append(contentsOf: text)
    }

    mutating func append(utf8 text: String) {
        append(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Eight bytes, most significant first: for random numbers, which LEB128 would lengthen.
    mutating func append(fixed number: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
    }

    mutating func append(_ dot: Dot) {
        append(fixed: dot.origin.rawValue)
        append(dot.sequence)
    }

    mutating func append(_ context: CausalContext) {
        append(UInt64(context.entries.count))
        for entry in context.entries { append(Dot(origin: entry.origin, sequence: entry.sequence)) }
    }

    mutating func append(_ overruling: Overruling) {
        switch overruling {
        case .write(let dot):
            append(0)
            append(dot)
        case .statement(let digest):
            append(1)
            append(fixed: digest.high)
            append(fixed: digest.low)
        }
    }

    static func damaged(_ what: String) -> StoreError { StoreError("store.damaged", ["path": "rows", "reason": what]) }

    /// Reads what was appended; anything else throws `store.damaged`.
    struct Reader {
        private let buffer: UnsafeRawBufferPointer
        private var at = 0

        init(_ bytes: UnsafeRawBufferPointer) { buffer = bytes }

        var isAtEnd: Bool { at == buffer.count }

        mutating func number() throws -> UInt64 {
            var value: UInt64 = 0, shift: UInt64 = 0
            while at < buffer.count, shift < 64 {
                let byte = buffer[at]
                at += 1
                value |= UInt64(byte & 0x7f) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
            throw RowBytes.damaged("number")
        }

        /// A number of things that are each at least a byte long.
        mutating func count() throws -> Int {
            let count = try number()
            guard count <= UInt64(buffer.count - at) else { throw RowBytes.damaged("count") }
            return Int(count)
        }

        mutating func bytes() throws -> [UInt8] {
            let count = try count()
            defer { at += count }
            return [UInt8](buffer[at..<at + count])
        }

        mutating func fixed() throws -> UInt64 {
            guard buffer.count - at >= 8 else { throw RowBytes.damaged("fixed") }
            defer { at += 8 }
            return UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        }

        mutating func dot() throws -> Dot { Dot(origin: Origin(rawValue: try fixed()), sequence: try number()) }

        mutating func context() throws -> CausalContext {
            var context = CausalContext()
            for _ in 0..<(try count()) { context.insert(try dot()) }
            return context
        }

        mutating func overruling() throws -> Overruling {
            switch try number() {
            case 0: .write(try dot())
            case 1: .statement(Digest128(high: try fixed(), low: try fixed()))
            default: throw RowBytes.damaged("overruling")
            }
        }
    }
}
