@testable import Connectors
import CurlHTTP
import LoopbackServing
import ProfileModel
import Synchronization
import Testing

@Suite("A request may be under way before its answer is asked for")
final class RequestAheadTests: Sendable {
    private let clock = StillClock()
    /// The targets that were asked for, in order.
    private let seen = Mutex<[String]>([])
    private let server = Mutex<LoopbackServer?>(nil)
    /// So many requests are closed without a word.
    private let faults = Mutex(0)

    init() {
        server.withLock { server in
            server = LoopbackServer { [unowned self] connection in
                while let request = connection.readRequest() {
                    let target = String(request.line.split(separator: " ")[1])
                    seen.withLock { $0.append(target) }
                    if faults.withLock({ $0 -= 1; return $0 >= 0 }) { return }
                    connection.answer(Array("\"\(target)\"".utf8))
                }
            }
        }
    }

    private var targets: [String] { seen.withLock(\.self) }

    private func session(limits: [String: TokenBucket.Limit] = [:]) throws -> CRMSession {
        let session = CRMSession(
            baseURL: server.withLock { $0!.url }, secret: try ConnectorSecret(text: "token"), client: .init(userAgent: "test"), limits: limits,
            surroundings: clock.surroundings) { _ in }
        session.sendsAhead = true
        return session
    }

    private func request(_ session: CRMSession, _ target: String, headers: [HTTPHeader] = []) -> HTTPRequest {
        session.request(.get, target, headers: headers)
    }

    private func ask(_ session: CRMSession, _ target: String, headers: [HTTPHeader] = []) throws -> String? {
        try session.document(session.demand(BareSystem()) { request(session, target, headers: headers) }).text
    }

    @Test func whatIsUnderWayIsNotSentAgain() throws {
        let session = try session()
        session.sendAhead(request(session, "/next"))
        #expect(try ask(session, "/next") == "/next")
        #expect(targets == ["/next"])
        #expect(try ask(session, "/next") == "/next")
        #expect(targets == ["/next", "/next"], "an answer is given once")
        #expect(session.requests == 2)
    }

    @Test func anythingElseHasItsOwnAnswerAndTheOtherWaits() throws {
        let session = try session()
        session.sendAhead(request(session, "/next"))
        #expect(try ask(session, "/users") == "/users")
        #expect(try ask(session, "/next", headers: [HTTPHeader("Authorization", "renewed")]) == "/next")
        #expect(targets == ["/next", "/users", "/next"], "another token makes another request")
        #expect(try ask(session, "/next") == "/next")
        #expect(targets.count == 3)
    }

    @Test func oneThatFailsIsSentAgain() throws {
        let session = try session()
        // The client itself sends once more only over a connection that it had.
        faults.withLock { $0 = 1 }
        session.sendAhead(request(session, "/next"))
        #expect(try ask(session, "/next") == "/next")
        #expect(targets == ["/next", "/next"])
    }

    @Test func whatWasGivenUpIsAskedForAnew() throws {
        let session = try session()
        session.sendAhead(request(session, "/next"))
        session.dropAhead()
        #expect(try ask(session, "/next") == "/next")
        session.sendAhead(request(session, "/next"))
        session.sendAhead(request(session, "/other"))
        #expect(try ask(session, "/next") == "/next")
        #expect(try ask(session, "/other") == "/other")
        #expect(targets.filter { $0 == "/other" }.count == 1)
    }

    @Test func theSystemsTimeIsNotLaterThanItsAnswer() throws {
        let session = try session(), sent = clock.now.withLock(\.self)
        session.sendAhead(request(session, "/next"))
        clock.now.withLock { $0 += 60_000_000 }
        _ = try ask(session, "/next")
        #expect(session.serverTime == sent)
        _ = try ask(session, "/users")
        #expect(session.serverTime == sent + 60_000_000)
    }

    @Test func nothingIsSentWhereRequestsAreLimitedOrItIsNotWanted() throws {
        let limited = try session(limits: ["": TokenBucket.Limit(burst: 5, perSecond: 5)]), unwilling = try session()
        unwilling.sendsAhead = false
        for session in [limited, unwilling] {
            session.sendAhead(request(session, "/next"))
            #expect(try ask(session, "/other") == "/other")
        }
        #expect(targets == ["/other", "/other"])
    }
}
