internal import CurlHTTP
internal import Foundation

/// A request that is under way before anybody waits for its answer, on a thread of its own.
///
/// It has the client until `wait` has returned.
final class RequestAhead: @unchecked Sendable {
    /// What was sent, without a body.
    private let request: HTTPRequest
    /// When it was sent, by the session's clock.
    let time: Int64

    private let cancellation = Cancellation()
    /// Guards the answer, and is signalled when it has come.
    private let condition = NSCondition()
    private var answer: Result<HTTPResponse, HTTPError>?

    init(_ request: HTTPRequest, _ client: HTTPClient, _ limits: HTTPLimits, at time: Int64) {
        (self.request, self.time) = (request, time)
        nonisolated(unsafe) let client = client
        Thread.detachNewThread { [self] in
            let answer = Result { () throws(HTTPError) in try client.send(self.request, limits: limits, cancellation: cancellation) }
            condition.withLock {
                self.answer = answer
                condition.broadcast()
            }
        }
    }

    /// Whether somebody asks for the same.
    func answers(_ other: HTTPRequest) -> Bool {
        guard case .none = other.body else { return false }
        return request.method == other.method && request.url == other.url && request.headers == other.headers
    }

    /// Waits until the answer has come, or none will.
    @discardableResult
    func wait() -> Result<HTTPResponse, HTTPError> {
        condition.withLock {
            while true {
                if let answer { return answer }
                condition.wait()
            }
        }
    }

    /// Stops the transfer, and waits until it has ended.
    func cancel() {
        cancellation.cancel()
        wait()
    }
}
