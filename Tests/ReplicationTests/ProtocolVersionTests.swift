import Foundation
import NodeEnvironment
import ProfileModel
import Testing
import WireFormat

@testable import Replication

/// Old and new programs choose a version that both speak, or refuse with the side that must be updated.
@Suite struct ProtocolVersionTests {
    let network = SimulatedNetwork()
    let office = MemoryStore(1), laptop = MemoryStore(2)

    private func limits(_ versions: ClosedRange<Int>) -> SyncLimits {
        var limits = SyncLimits()
        limits.versions = versions
        return limits
    }

    private func sync(_ ours: ClosedRange<Int>, _ theirs: ClosedRange<Int>) -> SimulatedNetwork.Outcome {
        network.limits = limits(theirs)
        let machine = SyncCaller(store: laptop, environment: network.environment, expected: nil, limits: limits(ours))
        return network.run(machine, from: laptop, to: office)
    }

    private func verify(_ ours: ClosedRange<Int>, _ theirs: ClosedRange<Int>) -> SimulatedNetwork.Outcome {
        network.limits = limits(theirs)
        let machine = VerifyCaller(store: laptop, environment: network.environment, isRepairing: false, limits: limits(ours))
        return network.run(machine, from: laptop, to: office)
    }

    @Test(arguments: [(1...1, 2...3, "sync.outdated-here"), (2...3, 1...1, "sync.outdated-there"), (4...9, 1...3, "sync.outdated-there")])
    func whoeverIsTooOldIsNamed(ours: ClosedRange<Int>, theirs: ClosedRange<Int>, code: String) throws {
        customer(1, in: office)
        customer(2, in: laptop)
        for outcome in [sync(ours, theirs), verify(ours, theirs)] {
            let error = try #require(outcome.error as? SyncError)
            #expect(error.code == code)
            #expect(error.retry == .afterSomeoneActs)
            #expect(error.parameters["ours"] == (ours.count == 1 ? "\(ours.lowerBound)" : "\(ours.lowerBound)-\(ours.upperBound)"))
            #expect(error.parameters["theirs"] == (theirs.count == 1 ? "\(theirs.lowerBound)" : "\(theirs.lowerBound)-\(theirs.upperBound)"))
        }
        #expect(office.content.rows.count == 1 && laptop.content.rows.count == 1)
        #expect(office.content.cursors.isEmpty && laptop.content.cursors.isEmpty)
    }

    @Test(arguments: [(1...2, 1...1), (1...1, 1...2), (1...1, 1...1), (1...3, 2...4), (2...5, 1...9)])
    func theHighestThatBothSpeakIsChosen(ours: ClosedRange<Int>, theirs: ClosedRange<Int>) throws {
        customer(1, in: office)
        customer(2, in: laptop)
        #expect(sync(ours, theirs).error == nil)
        #expect(verify(ours, theirs).error == nil)
        #expect(office.digest == laptop.digest)
        #expect(try chosen(ours, theirs) == [min(ours.upperBound, theirs.upperBound), min(ours.upperBound, theirs.upperBound)])
    }

    private func chosen(_ ours: ClosedRange<Int>, _ theirs: ClosedRange<Int>) throws -> [Int]? {
        let machine = SyncCaller(store: laptop, environment: network.environment, expected: nil, limits: limits(ours))
        guard case .send(let request) = machine.start(), case .bytes(let body) = request.body else { return nil }
        return try object(answer(to: body, speaking: theirs).body)["protocol"] as? [Int]
    }

    private func answer(to body: [UInt8], speaking versions: ClosedRange<Int>) throws -> (status: Int, body: [UInt8]) {
        let exchange = SyncResponder(store: office, environment: network.environment, limits: limits(versions))
            .exchange(.hello, admission: Admission(name: laptop.name, node: nil))
        _ = exchange.receive(body)
        let response = exchange.finish()
        guard case .bytes(let answer) = response.body else { throw SyncError.cut }
        return (response.status, answer)
    }

    private func object(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    /// A later hello may look otherwise in all but its versions.
    @Test func aHelloOfALaterFormIsRefusedForItsVersion() throws {
        let hello = #"{"protocol": [2, 3], "deployment": 17, "proof": {"kind": "unheard of"}}"#
        let (status, body) = try answer(to: Array(hello.utf8), speaking: 1...1)
        #expect(status == 409)
        let error = try #require(try object(body)["error"] as? [String: Any])
        #expect(error["code"] as? String == "sync.no-common-protocol")
        #expect(error["parameters"] as? [String: String] == ["ours": "1", "theirs": "2-3"])
    }

    @Test(arguments: ["[1]", "[2, 1]", "1", "[]", "[1, 2, 3]"])
    func anOfferMustBeARange(offer: String) throws {
        #expect(try answer(to: Array("{\"protocol\": \(offer)}".utf8), speaking: 1...1).status == 400)
    }

    /// An answer may choose one version alone, and one that the caller speaks.
    @Test(arguments: [("[1, 2]", "sync.garbage"), ("[7, 7]", "sync.outdated-here")])
    func anAnswerMustChoose(choice: String, code: String) throws {
        let machine = SyncCaller(store: laptop, environment: network.environment, expected: nil, limits: limits(1...2))
        guard case .send = machine.start() else { return #expect(Bool(false)) }
        _ = machine.receive(.piece(Array("{\"protocol\": \(choice)}".utf8)))
        guard case .failed(let error, _) = machine.receive(.end) else { return #expect(Bool(false)) }
        #expect((error as? SyncError)?.code == code)
    }
}
