/// Divides a card into content lines, over folds in whatever place (RFC 6350, section 3.2).
struct VCardLines {
    /// A name with its parameters is no longer than this.
    static let headMaximum = 16_384

    private let bytes: [UInt8]
    private var place: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // A mark of the byte order is no content.
        place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next line that is not empty.
    mutating func next() -> (range: Range<Int>, property: VCardProperty?)? {
        while place < bytes.count {
            let start = place
            var end = takeLine()
            while place < bytes.count, VCardLines.isBlank(bytes[place]) { end = takeLine() }
            if start == end || bytes[start..<end].allSatisfy({ VCardLines.isBlank($0) || $0 == 0x0D || $0 == 0x0A }) { continue }
            guard let property = VCardProperty(bytes, start..<end) else { return (start..<end, nil) }
            // A soft break of quoted-printable is the other way to fold (RFC 2045, section 6.7); the usual one may come behind it.
            if property.isQuotedPrintable {
                while end > property.valueStart, place < bytes.count, bytes[end - 1] == UInt8(ascii: "=") || VCardLines.isBlank(bytes[place]) { end = takeLine() }
            }
            return (start..<end, property.reaching(end))
        }
        return nil
    }

    /// Moves behind the next end of a line, and says where the line's content ends.
    private mutating func takeLine() -> Int {
        let feed = bytes[place...].firstIndex(of: 0x0A)
        var end = feed ?? bytes.count
        let start = place
        place = feed.map { $0 + 1 } ?? bytes.count
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return end
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Bytes without their folds.
    static func unfolded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = [], index = bytes.startIndex
        out.reserveCapacity(bytes.count)
        while index < bytes.endIndex {
            if let next = afterFold(bytes, index) { index = next } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return out
    }

    /// Where the content goes on, if a fold begins here.
    static func afterFold(_ bytes: ArraySlice<UInt8>, _ index: Int) -> Int? {
        var next = index
        if bytes[next] == 0x0D { next += 1 }
        guard next < bytes.endIndex, bytes[next] == 0x0A, next + 1 < bytes.endIndex, isBlank(bytes[next + 1]) else { return nil }
        return next + 2
    }
}
