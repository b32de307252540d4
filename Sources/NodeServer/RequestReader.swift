internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Replication

/// The body of a request as it arrives, within the limits of size and time.
///
/// It is used by one task at a time.
final class RequestReader: @unchecked Sendable {
    private var iterator: RequestBody.AsyncIterator
    private let limits: ServerLimits
    private var byteCount = 0
    private var waited = Duration.zero

    init(_ request: Request, limits: ServerLimits) {
        iterator = request.body.makeAsyncIterator()
        self.limits = limits
    }

    /// The next piece; nil at the end.
    ///
    /// - Parameter limitBytes: for the body as a whole.
    /// - Throws: `server.too-large`, `server.too-slow`, or where the connection broke.
    func next(limitBytes: Int) async throws -> ByteBuffer? {
        let began = ContinuousClock.now
        guard let buffer = try await iterator.next() else { return nil }
        waited += ContinuousClock.now - began
        byteCount += buffer.readableBytes
        guard byteCount <= limitBytes else { throw ServerError.tooLarge(limitBytes: limitBytes) }
        guard waited <= .seconds(limits.bodyGraceSeconds + byteCount / limits.leastBytesPerSecond) else { throw ServerError.tooSlow }
        return buffer
    }

    /// The whole body.
    func message(limitBytes: Int? = nil) async throws -> [UInt8] {
        var message: [UInt8] = []
        while let buffer = try await next(limitBytes: limitBytes ?? limits.sync.messageBytesMaximum) {
            message.append(contentsOf: buffer.readableBytesView)
        }
        return message
    }

    /// Reads and drops what is left: a caller that is still sending sees the answer rather than a broken connection.
    func drain() async throws {
        let limit = byteCount + limits.refusedBytesMaximum
        while try await next(limitBytes: limit) != nil {}
    }
}
