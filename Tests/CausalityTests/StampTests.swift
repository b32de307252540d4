import Causality
import MergeVectors
import Testing

struct StampTests {
    @Test func laws() throws {
        try TestSeed.forEach(1000) { random in
            let maximum: Int64 = random.chance(50) ? Stamp.futureMaximumMicroseconds : 5
            let now = Stamp(rawValue: Int64(random.below(1_000_000_000)))
            let replaced = (0..<random.below(6)).map { _ in
                Stamp(rawValue: now.rawValue + Int64(random.below(4 * Int(maximum))) - 2 * maximum + Int64(random.below(3)) - 1)
            }
            let next = Stamp.next(now: now, after: replaced, futureMaximum: maximum)
            let followed = replaced.filter { $0.rawValue - now.rawValue <= maximum }
            guard next >= now, followed.allSatisfy({ $0 < next }), next.rawValue <= now.rawValue + maximum + 1,
                next == now || followed.contains(where: { $0.rawValue + 1 == next.rawValue }),
                next == Stamp.next(now: now, after: replaced.shuffled(using: &random), futureMaximum: maximum)
            else { throw Disagreement("\(next) at \(now) after \(replaced)") }
        }
    }

    @Test func fiveMinutesAreFollowedAndNoMore() {
        let now = Stamp(rawValue: 1_000), horizon = Stamp(rawValue: 1_000 + 300_000_000)
        #expect(Stamp.next(now: now, after: [horizon]).rawValue == 300_001_001)
        #expect(Stamp.next(now: now, after: [Stamp(rawValue: horizon.rawValue + 1)]) == now)
        #expect(Stamp.next(now: now, after: []) == now)
        #expect(Stamp.next(now: now, after: [now]).rawValue == 1_001)
    }
}
