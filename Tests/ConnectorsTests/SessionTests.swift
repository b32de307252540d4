import Connectors
import CurlHTTP
import LoopbackServing
import ProfileModel
import Synchronization
import Testing

/// A clock that only sleep moves.
final class StillClock: Sendable {
    let now = Mutex<Int64>(1_767_225_600_000_000)

    var surroundings: CRMSession.Surroundings {
        .init(
            now: { [self] in now.withLock { $0 } }, sleep: { [self] in let wait = $0; now.withLock { $0 += wait } }, random: { 7 })
    }

    var elapsed: Int64 { now.withLock { $0 } - 1_767_225_600_000_000 }
}

/// A system that only knows what statuses mean.
final class BareSystem: CRMSystem {
    let renewed: Bool
    var renewals = 0

    init(renewed: Bool = false) { self.renewed = renewed }

    func discover() throws -> [RemoteObject] { [] }
    func pull(_ object: MappedObject, from cursor: PullCursor) throws -> PullPage { PullPage(records: [], next: cursor, hasMore: false) }
    func push(_ operations: [PushOperation], to object: MappedObject) throws -> [PushOutcome] { [] }
    func read(_ ids: [String], of object: MappedObject) throws -> [RemoteRecord] { [] }
    func find(ourIDs: [String], of object: MappedObject) throws -> [RemoteRecord] { [] }
    func verify(_ object: MappedObject, after place: String?) throws -> VerifyPage { VerifyPage(clocks: [], next: nil) }
    func classify(_ response: HTTPResponse) -> Verdict {
        response.status == 599 ? .stop(until: 1_767_300_000_000_000) : Verdict(status: response, now: 0)
    }
    func refreshAuthorization() throws -> Bool {
        renewals += 1
        return renewed
    }
}

@Suite("A session sends until the answer is final")
final class SessionTests {
    private let clock = StillClock()
    private let servers = Mutex<[LoopbackServer]>([])

    /// Answers one after the other; nil closes without a word once the request is read.
    private func server(_ answers: [(status: String, fields: [String])?], _ seen: Counter) -> LoopbackServer {
        let server = LoopbackServer { connection in
            while connection.readRequest() != nil {
                let index = seen.next()
                guard index < answers.count, let answer = answers[index] else { return }
                connection.answer(Array("{}".utf8), status: answer.status, fields: answer.fields)
            }
        }
        servers.withLock { $0.append(server) }
        return server
    }

    final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int { value.withLock { $0 += 1; return $0 - 1 } }
        var count: Int { value.withLock { $0 } }
    }

    private func session(_ server: LoopbackServer, limits: [String: TokenBucket.Limit] = [:]) throws -> CRMSession {
        CRMSession(
            baseURL: server.url + "/", secret: try ConnectorSecret(text: "token"), client: .init(userAgent: "test"), limits: limits,
            surroundings: clock.surroundings) { _ in }
    }

    @Test func aBusySystemIsAskedAgainWhenItSays() throws {
        let seen = Counter(), server = server([("429 Busy", ["Retry-After: 7"]), ("503 Down", []), ("200 OK", [])], seen)
        let session = try session(server)
        let (response, verdict) = try session.send(BareSystem()) { HTTPRequest(.get, session.baseURL + "/a") }
        #expect((response.status, verdict) == (200, .ok))
        #expect(seen.count == 3)
        #expect(clock.elapsed >= 7_000_000 + 500_000)
        #expect(clock.elapsed < 7_000_000 + 2_000_000)
    }

    @Test func itGivesUpAfterSixAttempts() throws {
        let seen = Counter(), server = server(Array(repeating: ("503 Down", []), count: 20), seen), session = try session(server)
        let error = #expect(throws: ConnectorError.self) { try session.send(BareSystem()) { HTTPRequest(.get, session.baseURL) } }
        #expect(error?.code == "crm.unavailable")
        #expect(seen.count == CRMSession.attemptsMaximum)
    }

    @Test func aLongWaitSuspends() throws {
        let server = server([("429 Busy", ["Retry-After: 86400"]), ("599 Spent", [])], Counter()), session = try session(server)
        let error = #expect(throws: ConnectorError.self) { try session.send(BareSystem()) { HTTPRequest(.get, session.baseURL) } }
        let tomorrow: Int64 = 1_767_225_600_000_000 + 86_400_000_000
        #expect(error?.suspendedUntil == tomorrow)
        let spent = #expect(throws: ConnectorError.self) { try session.send(BareSystem()) { HTTPRequest(.get, session.baseURL) } }
        #expect(spent?.suspendedUntil == 1_767_300_000_000_000)
    }

    @Test func aTokenIsRenewedOnce() throws {
        let renewing = BareSystem(renewed: true)
        let first = try session(server([("401 No", []), ("200 OK", [])], Counter()))
        _ = try first.send(renewing) { HTTPRequest(.get, first.baseURL) }
        #expect(renewing.renewals == 1)
        let second = try session(server([("401 No", []), ("401 No", [])], Counter()))
        let error = #expect(throws: ConnectorError.self) { try second.send(renewing) { HTTPRequest(.get, second.baseURL) } }
        #expect(error?.code == "crm.unauthorized")
    }

    @Test func whatMayHaveBeenDoneIsNotSentTwice() throws {
        let seen = Counter(), server = server([("200 OK", []), nil, ("200 OK", [])], seen), session = try session(server)
        _ = try session.send(BareSystem()) { HTTPRequest(.get, session.baseURL) }
        let error = #expect(throws: ConnectorError.self) {
            try session.send(BareSystem(), isRepeatable: false) { HTTPRequest(.post, session.baseURL, body: .bytes(Array("{}".utf8))) }
        }
        #expect(error == ConnectorError("crm.reply-lost", retry: .afterBackOff))
        #expect(seen.count == 2)
    }

    @Test func whatCanBeRepeatedIsSentAgain() throws {
        let seen = Counter(), server = server([nil, nil, ("200 OK", [])], seen), session = try session(server)
        let (response, _) = try session.send(BareSystem()) { HTTPRequest(.put, session.baseURL, body: .bytes(Array("{}".utf8))) }
        #expect(response.status == 200)
    }

    @Test func aFamilyKeepsItsPace() throws {
        let server = server(Array(repeating: ("200 OK", []), count: 10), Counter())
        let session = try session(server, limits: ["search": .init(burst: 2, perSecond: 4)])
        for _ in 0..<6 { _ = try session.send(BareSystem(), family: "search") { HTTPRequest(.get, session.baseURL) } }
        #expect(clock.elapsed == 1_000_000, "two at once, then four a second")
        _ = try session.send(BareSystem()) { HTTPRequest(.get, session.baseURL) }
        #expect(clock.elapsed == 1_000_000)
    }

    @Test func theServersClockIsKept() throws {
        let server = server([("200 OK", ["Date: Sun, 22 Nov 2026 03:18:09 GMT"])], Counter()), session = try session(server)
        _ = try session.send(BareSystem()) { HTTPRequest(.get, session.baseURL) }
        #expect(session.serverTime == RemoteTime.microseconds("2026-11-22T03:18:09Z"))
    }
}
