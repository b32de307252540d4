import Testing

@Suite("limn verify where nobody answers")
struct VerifyCommandTests {
    @Test func aPeerMustBeKnownAndAnswer() throws {
        let node = try SyncCommandTests.node()
        #expect(try node.failure("verify", "nobody", exitCode: 66) == "node.no-such-peer")
        #expect(try node.failure("verify", "hq", exitCode: 69) == "http.unreachable")
        #expect(node("verify").exitCode == 64)
    }
}
