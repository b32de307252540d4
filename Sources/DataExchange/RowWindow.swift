#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The stretch of text that a row is read from: it slides over the input and holds one row at a time.
final class RowWindow {
    private let input: DecodedInput
    private(set) var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Where the row starts in the window.
    private(set) var lower = 0
    /// Where the text read so far ends in the window.
    private(set) var upper = 0
    /// The offset in the text of the window's first byte.
    private var offset: Int64 = 0
    private(set) var ended = false

    init(_ input: DecodedInput) {
        self.input = input
        capacity = 2 * TableLimits.chunkBytes
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    /// The bytes from the row's start to the end of what has been read.
    var row: UnsafeMutablePointer<UInt8> { base + lower }
    var count: Int { upper - lower }
    /// The row's offset in the text.
    var rowOffset: Int64 { offset + Int64(lower) }

    /// Reads more text behind what is there; false at the end. The row may move in memory.
    ///
    /// - Precondition: the row is no longer than a row may be, save for one chunk.
    func extend() throws(TableError) -> Bool {
        if ended { return false }
        if capacity - upper < TableLimits.chunkBytes { makeRoom() }
        let count = try input.read(into: base + upper, capacity: capacity - upper)
        upper += count
        ended = count == 0
        return count > 0
    }

    /// Whether there is any text from the row's start on; reads some where none is there yet.
    func hasText() throws(TableError) -> Bool {
        if count > 0 { return true }
        return try extend()
    }

    private func makeRoom() {
        if lower > 0 {
            memmove(base, base + lower, count)
            offset += Int64(lower)
            upper -= lower
            lower = 0
        }
        if capacity - upper >= TableLimits.chunkBytes { return }
        precondition(capacity <= 2 * TableLimits.rowBytes, "a row outgrew its bound")
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
        larger.update(from: base, count: upper)
        base.deallocate()
        base = larger
        capacity *= 2
    }

    /// Makes the row start this many bytes further on.
    func advance(by count: Int) {
        lower += count
        assert(lower <= upper)
    }

    /// Makes the row start at an offset of the text that has been read before; false where it is gone for good.
    func goBack(to target: Int64) -> Bool {
        if target >= offset && target <= offset + Int64(upper) {
            lower = Int(target - offset)
            return true
        }
        guard input.seek(to: target) else { return false }
        offset = target
        lower = 0
        upper = 0
        ended = false
        return true
    }
}
