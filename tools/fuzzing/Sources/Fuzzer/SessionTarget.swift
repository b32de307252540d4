import Causality
import NodeEnvironment
import ProfileModel

@testable import MemoryStore
@testable import RandomRows
@testable import Replication
@testable import WireFormat

/// Whole requests to a node, and whole answers to one that calls: whoever is let in may send anything.
enum SessionTarget: FuzzTarget {
    static let name = "sessions"
    static let inputBytesMaximum = 1 << 14

    /// A node with some rows, and one that knows it.
    private static func pair() -> (here: MemoryStore, there: MemoryStore) {
        let here = MemoryStore(1), there = MemoryStore(2)
        for store in [here, there] {
            for number in 0..<4 as Range<UInt64> {
                store.edit(RowID(high: number << 44, low: number)) { state, dot in
                    let by = Authorship(author: "anna", operation: OperationID(high: 1, low: number))
                    _ = state.writeAsPerson(
                        CellKey(field: 40), FieldValue.bytes(text: "客户\(number)"), record: RowID(high: number << 44, low: number), dot: dot,
                        now: Stamp(rawValue: 1_700_000_000_000_000), by: by, key: HashKey(first: 3, second: 5))
                }
            }
        }
        return (here, there)
    }

    // The first byte says what the input is: a request to one of the endpoints, or the answers to a caller.
    static func take(_ bytes: UnsafeRawBufferPointer) throws {
        var input = FuzzInput(bytes)
        let choice = Int(input.byte()) % (SyncEndpoint.allCases.count + 1)
        if choice == SyncEndpoint.allCases.count { return try call(&input) }
        let endpoint = SyncEndpoint.allCases[choice], (here, there) = pair()
        let exchange = SyncResponder(store: here, environment: TestEnvironment()).exchange(endpoint, admission: Admission(name: there.name, node: there.node))
        for piece in body(endpoint, &input) { guard exchange.receive(piece) else { break } }
        try drain(exchange.finish().body)
        _ = here.digest
    }

    /// A JSON message as it stands; a push as a preamble and the contents of frames, which are made whole.
    private static func body(_ endpoint: SyncEndpoint, _ input: inout FuzzInput) -> [[UInt8]] {
        guard endpoint.isStreamed else { return [Array(input.rest)] }
        var items: [[UInt8]] = []
        while !input.rest.isEmpty {
            let piece = input.piece()
            if piece.isEmpty { continue }
            items.append(FrameStream.item(items.isEmpty || endpoint == .verify ? Array(piece) : FrameTarget.frame(around: piece)))
        }
        return items + [FrameStream.end]
    }

    private static func call(_ input: inout FuzzInput) throws {
        let (here, there) = pair()
        let machine = SyncCaller(store: here, environment: TestEnvironment(), expected: input.byte() & 1 == 0 ? nil : there.node)
        var step = machine.start()
        while true {
            guard case .send(let request) = step else { return }
            try drain(request.body)
            if input.rest.isEmpty { return _ = machine.receive(.lost(WireError.truncated)) }
            let isStream = request.endpoint.responseType == SyncEndpoint.framesType
            step = .proceed
            for piece in isStream ? body(.push, &input) : [Array(input.piece())] {
                step = machine.receive(.piece(piece))
                guard case .proceed = step else { break }
            }
            if case .proceed = step { step = machine.receive(.end) }
        }
    }

    private static func drain(_ body: SyncBody) throws {
        guard case .stream(let source) = body else { return }
        while try source.next() != nil {}
    }

    // MARK: Real sessions

    static func seeds() throws -> [[UInt8]] {
        var seeds: [[UInt8]] = []
        let (here, there) = pair()
        let machine = SyncCaller(store: there, environment: TestEnvironment(), expected: nil)
        let callerMode = UInt8(SyncEndpoint.allCases.count)
        var answers: [UInt8] = [callerMode, 0]
        var step = machine.start()
        while case .send(let request) = step {
            let sent = try bytes(request.body)
            seeds.append([UInt8(SyncEndpoint.allCases.firstIndex(of: request.endpoint)!)] + (try input(request.endpoint, sent)))
            let exchange = SyncResponder(store: here, environment: TestEnvironment())
                .exchange(request.endpoint, admission: Admission(name: there.name, node: there.node))
            _ = exchange.receive(sent)
            let response = exchange.finish(), answer = try bytes(response.body)
            let isStream = request.endpoint.responseType == SyncEndpoint.framesType
            if isStream { answers += try input(.pull, answer, isStream: true) } else { answers += FuzzInput.piece(answer) }
            step = machine.receive(.piece(answer))
            if case .proceed = step { step = machine.receive(.end) }
        }
        return seeds + [answers]
    }

    /// What `body` makes a request's bytes of.
    private static func input(_ endpoint: SyncEndpoint, _ bytes: [UInt8], isStream: Bool = false) throws -> [UInt8] {
        guard endpoint.isStreamed || isStream else { return bytes }
        var stream = FrameStreamReader(), input: [UInt8] = []
        stream.append(bytes)
        var isFirst = endpoint.isStreamed
        while let item = try stream.next() {
            input += FuzzInput.piece(isFirst || endpoint == .verify ? item : try FrameTarget.content(of: item))
            isFirst = false
        }
        return input
    }

    private static func bytes(_ body: SyncBody) throws -> [UInt8] {
        switch body {
        case .bytes(let bytes): return bytes
        case .stream(let source):
            var all: [UInt8] = []
            while let part = try source.next() { all += part }
            return all
        }
    }
}
