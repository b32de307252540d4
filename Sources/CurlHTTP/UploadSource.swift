// Where the bytes of a request's body come from.

/// Reads a request's body piece by piece; holds one piece of a stream at a time.
struct UploadSource {
    /// Why a source cannot be sent as it is.
    struct WrongLength: Error {
        let reason: String
    }

    /// The bytes that the body has, `nil` where only its end will tell.
    let length: Int?
    private let next: (() throws -> [UInt8]?)?
    private var piece: [UInt8] = []
    private var offset = 0
    private var sent = 0

    init(_ body: HTTPRequest.Body) {
        switch body {
        case .none:
            (length, next) = (0, nil)
        case .bytes(let bytes):
            (length, next) = (bytes.count, nil)
            piece = bytes
        case .stream(let declared, let pieces):
            if let declared { precondition(declared >= 0, "a length is not negative") }
            (length, next) = (declared, pieces)
        }
    }

    /// Fills the buffer and returns how many bytes it put there; 0 is the end.
    ///
    /// - Throws: what the caller's closure throws; `WrongLength`.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while offset == piece.count, let next {
            guard let following = try next() else {
                if let length, sent != length {
                    throw WrongLength(reason: "the body ended after \(sent) of \(length) bytes")
                }
                return 0
            }
            (piece, offset) = (following, 0)
        }
        let count = min(buffer.count, piece.count - offset)
        if let length, count > length - sent {
            throw WrongLength(reason: "the body is longer than its \(length) bytes")
        }
        piece.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count])) }
        offset += count
        sent += count
        return count
    }

    /// Goes back to the first byte, for a second try on a new connection; a stream that has been read cannot.
    mutating func rewind() -> Bool {
        guard next == nil || (sent == 0 && piece.isEmpty) else { return false }
        (offset, sent) = (0, 0)
        return true
    }
}
