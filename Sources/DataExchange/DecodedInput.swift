#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The bytes of an input as UTF-8. What is UTF-8 already passes untouched; all else goes through `iconv`, a chunk at a
/// time. A byte sequence that the encoding does not know becomes the byte FF, which no UTF-8 holds, so that the row it
/// stands in is found invalid and no other.
final class DecodedInput {
    let input: ByteInput
    let encoding: TextEncoding
    private let raw: UnsafeMutablePointer<UInt8>
    private let rawCapacity = TableLimits.sniffedBytes
    private var rawLower = 0
    private var rawUpper = 0
    private var rawEnded = false
    private let markBytes: Int
    private var converter: iconv_t?

    /// Reads the first bytes and finds the encoding from them, unless one is given.
    ///
    /// - Throws: `exchange.file-unreadable`, `exchange.encoding-unavailable`.
    init(_ input: ByteInput, encoding given: TextEncoding?) throws(TableError) {
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: rawCapacity)
        self.input = input
        raw = buffer
        let capacity = rawCapacity
        var filled = 0
        var ended = false
        do throws(TableError) {
            while filled < capacity && !ended {
                let room = UnsafeMutableRawBufferPointer(start: buffer + filled, count: capacity - filled)
                let count = try input.read(into: room)
                filled += count
                ended = count == 0
            }
        } catch {
            buffer.deallocate()
            throw error
        }
        let head = UnsafeBufferPointer(start: buffer, count: filled)
        switch given {
        case nil: encoding = TextEncoding.sniffed(head, whole: ended)
        case .utf16: encoding = Self.byteOrder(of: head)
        case .some(let named): encoding = named
        }
        markBytes = head.starts(with: encoding.byteOrderMark) ? encoding.byteOrderMark.count : 0
        rawLower = markBytes
        rawUpper = filled
        rawEnded = ended
        if encoding != .utf8 {
            let name = encoding.rawValue.uppercased()
            let opened = iconv_open("UTF-8", name)
            // iconv_open answers -1, not null, when it fails.
            if Int(bitPattern: opened) == -1 { throw .encodingUnavailable(name) }
            converter = opened
        }
    }

    deinit {
        raw.deallocate()
        if let converter { iconv_close(converter) }
    }

    private static func byteOrder(of head: UnsafeBufferPointer<UInt8>) -> TextEncoding {
        if head.starts(with: TextEncoding.utf16BigEndian.byteOrderMark) { return .utf16BigEndian }
        if head.starts(with: TextEncoding.utf16LittleEndian.byteOrderMark) { return .utf16LittleEndian }
        return TextEncoding.sniffedByteOrder(head) ?? .utf16LittleEndian
    }

    /// Puts more text at the start of a buffer of at least 16 bytes and returns its length in bytes, 0 at the end.
    func read(into buffer: UnsafeMutablePointer<UInt8>, capacity: Int) throws(TableError) -> Int {
        if let converter { return try convert(converter, into: buffer, capacity: capacity) }
        if rawLower < rawUpper {
            let count = min(capacity, rawUpper - rawLower)
            buffer.update(from: raw + rawLower, count: count)
            rawLower += count
            return count
        }
        if rawEnded { return 0 }
        let count = try input.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
        if count == 0 { rawEnded = true }
        return count
    }

    /// Goes back to an offset in the text; returns false where that cannot be done.
    func seek(to offset: Int64) -> Bool {
        guard converter == nil, input.seek(to: offset + Int64(markBytes)) else { return false }
        rawLower = 0
        rawUpper = 0
        rawEnded = false
        return true
    }

    private func convert(
        _ converter: iconv_t, into buffer: UnsafeMutablePointer<UInt8>, capacity: Int
    ) throws(TableError) -> Int {
        var written = 0
        while true {
            if rawLower == rawUpper {
                guard try refill() else { return written }
            }
            let step = convertOnce(converter, buffer + written, capacity - written)
            written += step.written
            switch step.stopped {
            case 0:
                if written > 0 { return written }
            case E2BIG:
                return written
            case EINVAL:
                // The sequence goes on in the next chunk, or is cut off for good.
                if written > 0 { return written }
                if !(try refill()) {
                    rawLower = rawUpper
                    buffer[0] = 0xFF
                    return 1
                }
            default:
                guard written < capacity else { return written }
                buffer[written] = 0xFF
                written += 1
                rawLower += min(rawUpper - rawLower, encoding == .gb18030 ? 1 : 2)
            }
        }
    }

    private func convertOnce(
        _ converter: iconv_t, _ output: UnsafeMutablePointer<UInt8>, _ capacity: Int
    ) -> (written: Int, stopped: Int32) {
        let lengthBefore = rawUpper - rawLower
        var inputLeft = lengthBefore
        var outputLeft = capacity
        var from: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(raw + rawLower).assumingMemoryBound(
            to: CChar.self)
        var to: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(output).assumingMemoryBound(to: CChar.self)
        let result = iconv(converter, &from, &inputLeft, &to, &outputLeft)
        let stopped = result == -1 ? errno : 0
        rawLower += lengthBefore - inputLeft
        return (capacity - outputLeft, stopped)
    }

    /// Reads more raw bytes behind those not yet converted; false at the end.
    private func refill() throws(TableError) -> Bool {
        if rawEnded { return false }
        let kept = rawUpper - rawLower
        if kept > 0 && rawLower > 0 { memmove(raw, raw + rawLower, kept) }
        rawLower = 0
        rawUpper = kept
        let room = UnsafeMutableRawBufferPointer(start: raw + kept, count: rawCapacity - kept)
        let count = try input.read(into: room)
        rawUpper += count
        rawEnded = count == 0
        return count > 0
    }
}
