public import CurlHTTP
internal import Foundation
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore
internal import Replication
internal import Synchronization

/// Keeps a node in step with its peers: what changes here, by any process, goes to them at once, and what changes there
/// comes at once.
///
/// Each peer has two threads: one makes sessions, the other waits at the peer for news. A peer that does not answer is tried
/// ever more slowly and keeps nobody else waiting; one whose server does not know how to wait is asked every few seconds.
public final class LiveSync: Sendable {
    /// How promptly it works.
    public struct Pace: Sendable {
        /// How often the store here is checked for changes.
        public var storeCheckMilliseconds = 20
        /// How often a peer is asked where it cannot be waited for, and the pause after a first failure.
        public var pauseMilliseconds = 3_000
        /// The pause after many failures.
        public var longestPauseMilliseconds = 60_000
        /// How often it is checked whether peers were added or removed.
        public var peerCheckMilliseconds = 3_000

        public init() {}
    }

    private let node: Node
    private let names: [String]
    private let options: SyncOptions
    private let cancellation: Cancellation
    private let pace: Pace
    /// Sessions that are over and not yet told of.
    private let ended: Mutex<[PeerSync]> = Mutex([])

    /// - Parameter names: the peers; all that there are at any time where none is named.
    public init(
        of node: Node, with names: [String] = [], options: SyncOptions = SyncOptions(), pace: Pace = Pace(),
        cancellation: Cancellation
    ) {
        self.node = node
        self.names = names
        self.options = options
        self.pace = pace
        self.cancellation = cancellation
    }

    /// Works until it is cancelled, and tells of every session on the calling thread.
    ///
    /// It returns when its threads have ended, within about a second.
    /// - Throws: what `tell` throws, and what reading the list of peers throws.
    public func run(_ tell: (PeerSync) throws -> Void) throws {
        let watch = StoreWatch(node.store)
        var lines: [String: PeerLine] = [:]
        defer {
            cancellation.cancel()
            for line in lines.values { line.waitForEnd() }
        }
        var peersCheckedAt: ContinuousClock.Instant?
        var head: UInt64?
        while !cancellation.isCancelled {
            if peersCheckedAt.map({ ContinuousClock.now - $0 > .milliseconds(pace.peerCheckMilliseconds) }) ?? true {
                try openLines(&lines)
                peersCheckedAt = .now
            }
            // A store that is busy is read the next time.
            if let now = try? watch.feedHead(), now != head {
                head = now
                for line in lines.values { line.storeMoved() }
            }
            for outcome in takeEnded() { try tell(outcome) }
            usleep(UInt32(pace.storeCheckMilliseconds) * 1000)
        }
    }

    private func takeEnded() -> [PeerSync] {
        ended.withLock { ended in
            defer { ended = [] }
            return ended
        }
    }

    private func openLines(_ lines: inout [String: PeerLine]) throws {
        lines = lines.filter { !$0.value.isOver }
        for peer in try node.peers(named: names) where lines[peer.name] == nil {
            lines[peer.name] = PeerLine(node: node, peer: peer.name, options: options, pace: pace, cancellation: cancellation) { [weak self] outcome in
                self?.ended.withLock { $0.append(outcome) }
            }
        }
    }
}

/// The two threads that keep a node in step with one peer.
private final class PeerLine: @unchecked Sendable {
    private let node: Node
    private let peer: String
    private let options: SyncOptions
    private let pace: LiveSync.Pace
    private let cancellation: Cancellation
    private let tell: @Sendable (PeerSync) -> Void

    /// Guards what follows, and is signalled when any of it changes.
    private let condition = NSCondition()
    /// Whether the store here has moved since the last session began.
    private var hasStoreMoved = false
    /// Whether the peer is to be asked, whatever there is here.
    private var isPeerDue = true
    /// Whom to wait at; nil while the last session failed or there was none.
    private var neighbour: Neighbour?
    /// Whether the last session brought something.
    private var wasFruitful = false
    private var sessions = 0
    private var threads = 2

    init(
        node: Node, peer: String, options: SyncOptions, pace: LiveSync.Pace, cancellation: Cancellation,
        tell: @escaping @Sendable (PeerSync) -> Void
    ) {
        self.node = node
        self.peer = peer
        self.options = options
        self.pace = pace
        self.cancellation = cancellation
        self.tell = tell
        for work in [makeSessions, waitForNews] {
            Thread.detachNewThread { [self] in
                work()
                change { threads -= 1 }
            }
        }
    }

    /// Whether its threads have ended, because the peer was removed or the work was cancelled.
    var isOver: Bool { condition.withLock { threads == 0 } }

    /// Waits for the end of its threads, once the work was cancelled.
    func waitForEnd() {
        condition.withLock {
            condition.broadcast()
            while threads > 0 { condition.wait() }
        }
    }

    /// Tells that something was committed here.
    func storeMoved() { change { hasStoreMoved = true } }

    private func change(_ body: () -> Void) {
        condition.withLock {
            body()
            condition.broadcast()
        }
    }

    /// Waits, with the lock held, until something holds, a time has passed, or the work is cancelled.
    private func wait(milliseconds: Int = .max, until isDone: () -> Bool = { false }) {
        let end = ContinuousClock.now + .milliseconds(min(milliseconds, 1 << 40))
        while !isDone(), !cancellation.isCancelled, threads == 2, ContinuousClock.now < end {
            _ = condition.wait(until: Date(timeIntervalSinceNow: min(1, (end - ContinuousClock.now) / .seconds(1))))
        }
    }

    /// The peer as it is recorded now; nil where it was removed.
    private func recorded() -> Peer? { try? node.peers(named: [peer]).first }

    // MARK: Sessions

    /// An open connection is used again as long as it leads to the same place.
    private func session(with record: Peer, open: HTTPSyncSession?) throws -> HTTPSyncSession {
        let token = try node.token(of: record)
        if let open, open.url == record.url, open.token == token { return open }
        return HTTPSyncSession(with: record, token: token, options: options, cancellation: cancellation)
    }

    private func makeSessions() {
        var session: HTTPSyncSession?
        var pause = pace.pauseMilliseconds
        while !cancellation.isCancelled, let record = recorded() {
            let isDue = condition.withLock {
                wait { hasStoreMoved || isPeerDue }
                defer { (hasStoreMoved, isPeerDue) = (false, false) }
                return isPeerDue
            }
            if cancellation.isCancelled { return }
            guard isDue || isNewsHere() else { continue }
            let outcome: PeerSync
            do {
                let current = try self.session(with: record, open: session)
                session = current
                outcome = node.sync(with: record, over: current)
            } catch {
                outcome = PeerSync(peer: record.name, report: SyncReport(), milliseconds: 0, error: error)
            }
            if cancellation.isCancelled { return }
            tell(outcome)
            change {
                sessions += 1
                neighbour = outcome.error == nil ? outcome.report.neighbour : nil
                wasFruitful = outcome.report.pulled.rows > 0
            }
            if outcome.error == nil {
                pause = pace.pauseMilliseconds
            } else {
                condition.withLock {
                    wait(milliseconds: jittered(pause))
                    isPeerDue = true
                }
                pause = min(pause * 2, pace.longestPauseMilliseconds)
            }
        }
    }

    private func isNewsHere() -> Bool {
        guard let neighbour = condition.withLock({ neighbour }) else { return true }
        // A store that cannot be read is told of by the session.
        return (try? node.store.hasNews(for: neighbour)) ?? true
    }

    /// Between half and one and a half times as long, so that many nodes do not come back at the same moment.
    private func jittered(_ milliseconds: Int) -> Int { milliseconds / 2 + Int(node.environment.random() % UInt64(milliseconds + 1)) }

    // MARK: News

    private func waitForNews() {
        var session: HTTPSyncSession?
        var seen = 0
        var barren = 0
        while !cancellation.isCancelled, let record = recorded() {
            let neighbour = condition.withLock {
                wait { sessions > seen && self.neighbour != nil && !isPeerDue }
                if sessions > seen { barren = wasFruitful ? 0 : barren + 1 }
                seen = sessions
                return self.neighbour
            }
            guard !cancellation.isCancelled, let neighbour else { continue }
            session = try? self.session(with: record, open: session)
            // A peer that announces what a session does not find is asked no more often than one that cannot announce.
            let isAnnounced = barren < 3 && (try? session.map { try waitAt(neighbour, $0) }) == true
            condition.withLock {
                if !isAnnounced { wait(milliseconds: jittered(pace.pauseMilliseconds)) }
                seen = sessions
                isPeerDue = true
                condition.broadcast()
            }
        }
    }

    /// Waits until the peer has something new; false where the peer was removed or the work was cancelled.
    ///
    /// - Throws: where the peer does not know how to wait, refuses, or is lost.
    private func waitAt(_ neighbour: Neighbour, _ session: HTTPSyncSession) throws -> Bool {
        var waiting = try Waiting(store: node.store, neighbour: neighbour)
        while !cancellation.isCancelled, recorded() != nil {
            if try waiting.isNews(try session.ask(.wait, try waiting.body())) { return true }
        }
        return false
    }
}
