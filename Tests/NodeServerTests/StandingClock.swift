import Causality
import NodeEnvironment
import ProfileModel
import Synchronization

/// A clock that stands until it is told to go on.
final class StandingClock: NodeEnvironment {
    private let microseconds: Mutex<Int64>

    init(microseconds: Int64) { self.microseconds = Mutex(microseconds) }

    func now() -> Stamp { Stamp(rawValue: microseconds.withLock { $0 }) }
    func random() -> UInt64 { SystemEnvironment().random() }
    func advance(seconds: Int64) { microseconds.withLock { $0 += seconds * 1_000_000 } }
}
