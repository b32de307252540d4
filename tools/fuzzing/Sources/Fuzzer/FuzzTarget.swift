import CFuzzer
import Glibc

/// One decoder that is given inputs of any kind.
protocol FuzzTarget {
    static var name: String { get }
    /// The longest input that is made, in bytes.
    static var inputBytesMaximum: Int { get }
    /// Inputs to begin with: real encodings.
    static func seeds() throws -> [[UInt8]]
    /// Takes one input: what a decoder refuses, it refuses by an error; what it takes keeps the target's laws.
    static func take(_ input: UnsafeRawBufferPointer) throws
}

/// An input that is read from its beginning.
struct FuzzInput {
    private(set) var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    /// The next byte; 0 at the end.
    mutating func byte() -> UInt8 {
        guard let first = rest.first else { return 0 }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
        return first
    }

    /// The next piece, whose length stands before it in two bytes; what is left where that is less.
    mutating func piece() -> UnsafeRawBufferPointer {
        let count = min(Int(byte()) | Int(byte()) << 8, rest.count)
        defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count)) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }

    /// What `piece` reads.
    static func piece(_ bytes: [UInt8]) -> [UInt8] { [UInt8(truncatingIfNeeded: bytes.count), UInt8(truncatingIfNeeded: bytes.count >> 8)] + bytes }
}

/// What a decoder's memory may be.
struct MemoryBound {
    /// So many bytes for each byte of what is decoded.
    static let factor = 8
    /// What a decoder takes whatever its input, in bytes.
    let constant: Int

    nonisolated(unsafe) private static var worst = (bytes: 0, input: 0)

    /// Runs a decoder; ends the process where it took more.
    ///
    /// - Parameter inputBytes: the size of what it decodes.
    func measure<T>(inputBytes: Int, _ work: () throws -> T) rethrows -> T {
        memory_begin()
        defer {
            let bytes = memory_end()
            if bytes > MemoryBound.worst.bytes { MemoryBound.worst = (bytes, inputBytes) }
            if bytes > constant + MemoryBound.factor * inputBytes {
                fatalError("\(bytes) bytes of memory for \(inputBytes) bytes of input: more than \(MemoryBound.factor) times that and \(constant)")
            }
        }
        return try work()
    }

    /// Prints the most memory that any input took.
    static func report() {
        if worst.bytes > 0 { talk("most memory: \(worst.bytes) bytes, for an input of \(worst.input)") }
    }
}

/// Ends the process where a law does not hold, so that the input is kept.
func law(_ holds: Bool, _ text: @autoclosure () -> String) {
    if !holds { fatalError(text()) }
}

/// Says something on standard error.
func talk(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(2, line, line.count)
}
