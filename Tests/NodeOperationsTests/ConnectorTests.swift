import Causality
import Connectors
import FleetSupport
import NodeOperations
import ProfileModel
import ProfileStore
import Synchronization
import Testing

/// A system outside that is read and written.
struct ConnectorTests {
    private let fleet: TestFleet
    private let crm: SmallCRM
    private var node: Node { fleet[0] }

    init() throws {
        fleet = try TestFleet(2)
        crm = SmallCRM(fleet.environments[0])
        try fleet[0].add(crm)
    }

    private func contact(_ name: String = "张伟") -> Int {
        crm.add(["name": .string(name), "city": "杭州", "phone": "138 0000 0001", "tags": ["vip"]])
    }

    // MARK: Reading

    @Test func whatTheSystemSaysIsTheWordOfASource() throws {
        let id = contact()
        let counts = try node.round()
        #expect((counts.read, counts.created, counts.written) == (1, 1, 0))
        let record = try node.record("crm:\(id)")
        #expect(try node.value("name", of: record) == "张伟")
        #expect(try node.show("crm:\(id)")["phone"] == ["+8613800000001"])
        #expect(try node.show("crm:\(id)").tags == ["vip"])
        crm.set(id, "phone", "13900000002")
        try node.round()
        #expect(try node.show("crm:\(id)")["phone"] == ["+8613900000002"], "what a system no longer says it takes back")
        try fleet.settle()
    }

    @Test func nothingNewIsOneRequestAndNoRow() throws {
        for _ in 0..<3 { _ = contact() }
        try node.round()
        fleet.environments[0].advance(microseconds: 5_000_000)
        try node.round()
        _ = crm.requests()
        let before = try node.status().counts.digest
        fleet.environments[0].advance(microseconds: 5_000_000)
        try node.round()
        #expect(crm.requests() == 1)
        #expect(try node.status().counts.digest == before)
    }

    @Test func thousandsOfRecordsWithOneStampAreReadOnce() throws {
        for number in 0..<230 { _ = contact("n\(number)") }
        crm.state.withLock { state in for id in state.contacts.keys { state.contacts[id]?.updatedAt = 1_767_225_600_000_000 } }
        #expect(try node.round().created == 230)
        #expect(try node.round().created == 0)
    }

    @Test func whatTwoNodesReadIsTheSameRow() throws {
        let id = contact()
        try node.round()
        try fleet.settle()
        _ = try fleet[1].takeOverConnector("crm", secret: ConnectorSecret(text: "secret"))
        try fleet[1].round()
        crm.set(id, "city", "宁波")
        // The first node has not heard of the takeover, and reads the same change.
        try node.round()
        try fleet[1].round()
        try fleet.settle()
        #expect(try node.value("city", of: node.record("crm:\(id)")) == "宁波")
        #expect(try node.conflicts().total == 0)
        #expect(throws: NodeError.self) { try node.round() }
    }

    @Test func aRestartBetweenMergeAndCursorReadsAgainAndChangesNothing() throws {
        _ = contact()
        try node.round()
        let digest = try node.status().counts.digest
        try node.store.write { try $0.restartConnector("crm") }
        let counts = try node.round()
        #expect((counts.read, counts.created, counts.updated) == (1, 0, 0))
        #expect(try node.status().counts.digest == digest)
    }

    @Test func aValueThatIsNoneGoesToReview() throws {
        let id = crm.add(["name": "李娜", "phone": "not a phone"])
        #expect(try node.round().flagged == 1)
        #expect(try node.value("name", of: node.record("crm:\(id)")) == "李娜")
    }

    // MARK: Writing

    @Test func anEditTravelsAndItsEchoIsSilent() throws {
        let id = contact()
        try node.round()
        let record = try node.record("crm:\(id)")
        try node.edit(record, "city=上海", "phone+=13700000003", "tags+=north")
        let counts = try node.round()
        #expect(counts.written == 1)
        #expect(crm.value(id, "city") == "上海")
        #expect(Set(crm.values(id, "tags")) == ["north", "vip"])
        #expect(crm.value(id, "phone") == "138 0000 0001", "a place that is taken stays as it is")
        let digest = try node.status().counts.digest
        for _ in 0..<3 {
            let again = try node.round()
            #expect((again.written, again.updated) == (0, 0))
        }
        #expect(try node.status().counts.digest == digest)
        #expect(try node.conflicts().total == 0)
        try node.edit(record, "phone-=13800000001", "tags-=vip")
        try node.round()
        #expect(crm.value(id, "phone") == "+8613700000003")
        #expect(crm.values(id, "tags") == ["north"])
        try fleet.settle()
    }

    @Test func bothChangedIsAConflictAndItsResolutionTravelsBack() throws {
        let id = contact()
        try node.round()
        let record = try node.record("crm:\(id)")
        try node.edit(record, "city=上海")
        crm.set(id, "city", "宁波")
        try node.round()
        #expect(crm.value(id, "city") == "宁波", "nobody is overwritten")
        #expect(try node.conflicts(of: record) == ["source city: 上海, 宁波"])
        try node.round()
        #expect(crm.value(id, "city") == "宁波")
        try fleet.settle()
        // Another node decides.
        let key = try #require(fleet[1].conflicts().conflicts.first?.key)
        _ = try fleet[1].resolve(key, .value("上海"))
        try fleet.settle()
        try node.round()
        #expect(crm.value(id, "city") == "上海")
        #expect(try node.conflicts().total == 0)
        try fleet.settle()
        #expect(try fleet[1].conflicts().total == 0)
    }

    @Test func theLaterWordOnATagStands() throws {
        let id = contact()
        try node.round()
        let record = try node.record("crm:\(id)")
        func later() { fleet.environments[0].advance(microseconds: 60_000_000) }
        later()
        try node.edit(record, "tags+=gold")
        try node.round()
        #expect(crm.values(id, "tags") == ["vip", "gold"])
        later()
        crm.set(id, "tags", ["vip"])
        later()
        for _ in 0..<2 { #expect(try node.round().written == 0, "who took it away there did so later") }
        #expect(crm.values(id, "tags") == ["vip"])
        #expect(try Set(node.show(record.description).tags) == ["gold", "vip"], "what a person said stays")
        later()
        try node.edit(record, "tags-=vip", "tags+=silver")
        try node.round()
        #expect(crm.values(id, "tags") == ["silver"], "another tag brings back none")
        later()
        crm.set(id, "tags", ["silver", "vip"])
        later()
        for _ in 0..<2 { #expect(try node.round().written == 0, "who put it there again did so later") }
        #expect(crm.values(id, "tags") == ["silver", "vip"])
        // Where the mapping says that ours is right it is put back.
        _ = try node.mapConnector("crm", edits: ["contacts.tags.authority=local"])
        later()
        try node.edit(record, "city=上海")
        try node.round()
        #expect(Set(crm.values(id, "tags")) == Set(try node.show(record.description).tags))
        try fleet.settle()
    }

    @Test func theMappingSaysWhoIsRight() throws {
        let id = contact()
        try node.round()
        let record = try node.record("crm:\(id)")
        try node.edit(record, "title=总监", "stage=成交")
        crm.set(id, "title", "经理")
        crm.set(id, "stage", "流失")
        try node.round()
        #expect(crm.value(id, "title") == "总监")
        #expect(try node.value("stage", of: record) == "流失")
        #expect(try node.conflicts().total == 0)
        #expect(try node.round().written == 0)
        try fleet.settle()
    }

    @Test func aRecordIsMadeOnceThoughTheReplyWasLost() throws {
        _ = try node.mapConnector("crm", edits: ["contacts.create=all"])
        let record = try node.add("name=王芳", "city=成都")
        crm.state.withLock { $0.lostReplies = 1 }
        _ = try? node.round()
        #expect(crm.state.withLock(\.creates) == 1)
        let counts = try node.round()
        #expect(counts.made == 1)
        #expect((crm.count, crm.state.withLock(\.creates)) == (1, 1))
        #expect(try node.record("crm:1") == record)
        #expect(try node.round().written == 0)
        #expect(try node.status().counts.customers == 1)
        try fleet.settle()
    }

    @Test func anExpressionSaysWhoIsMade() throws {
        _ = try node.mapConnector("crm", edits: [#"contacts.create=city = "成都""#])
        _ = try node.add("name=王芳", "city=成都")
        _ = try node.add("name=李娜", "city=北京")
        #expect(try node.round().made == 1)
        #expect(crm.value(1, "name") == "王芳")
    }

    @Test func whatTheSystemWritesOtherwiseCountsAsOurs() throws {
        let id = contact()
        try node.round()
        let record = try node.record("crm:\(id)")
        crm.state.withLock { $0.rewrite = { name, value in name == "city" ? value.uppercased() + "!" : value } }
        try node.edit(record, "city=Shanghai")
        #expect(try node.round().rewritten == 1)
        #expect(crm.value(id, "city") == "SHANGHAI!")
        for _ in 0..<3 { #expect(try node.round().written == 0) }
        #expect(try node.value("city", of: record) == "Shanghai")
        crm.set(id, "stage", "active")
        #expect(try node.round().updated == 1)
        #expect(try node.value("city", of: record) == "Shanghai")
        #expect(try node.conflicts().total == 0)
        crm.set(id, "city", "Ningbo")
        try node.round()
        #expect(try node.conflicts(of: record) == ["source city: Ningbo, Shanghai"])
    }

    @Test func linesOfATextAreTheSameHoweverTheyEnd() throws {
        _ = try node.mapConnector("crm", text: SmallCRM.mapping + "\nfield\tnote\tabout\tboth\tclear\ttext\tmanual")
        let id = crm.add(["name": "李娜", "about": "one\r\n\r\n- two"])
        try node.round()
        let record = try node.record("crm:\(id)")
        #expect(try node.value("note", of: record) == "one\n\n- two")
        crm.state.withLock { $0.rewrite = { name, value in name == "about" ? value.replacing("\n", with: "\r\n") : value } }
        try node.edit(record, "note=three\n- four")
        let counts = try node.round()
        #expect((counts.written, counts.rewritten) == (1, 0))
        #expect(crm.value(id, "about") == "three\r\n- four")
        for _ in 0..<3 { #expect(try node.round().written == 0) }
        #expect(try node.value("note", of: record) == "three\n- four")
        #expect(try node.conflicts().total == 0)
    }

    @Test func whatStaysInAListKeepsItsWritingThere() throws {
        let id = crm.add(["name": "李娜", "tags": ["big  customer", "two\r\nlines", "vip"]])
        try node.round()
        #expect(try Set(node.show("crm:\(id)").tags) == ["big customer", "two lines", "vip"])
        try node.edit(node.record("crm:\(id)"), "tags+=north")
        #expect(try node.round().written == 1)
        #expect(crm.values(id, "tags") == ["big  customer", "two\r\nlines", "vip", "north"])
    }

    @Test func aFieldThatKeepsFlippingBecomesADeadLetter() throws {
        let id = contact()
        try node.round()
        let record = try node.record("crm:\(id)")
        try node.edit(record, "title=总监")
        for round in 0..<8 {
            crm.set(id, "title", .string("机器人\(round)"))
            try node.round()
        }
        let letters = try node.deadLetters()
        #expect(letters.map(\.letter.code) == ["crm.flips"])
        #expect(letters.first?.letter.field == "title")
        #expect(try node.connectorStatus().map(\.advice) == [.lookAtDeadLetters])
        #expect(crm.value(id, "title") == "机器人7")
        #expect(try node.retryDeadLetters([]) == 1)
        fleet.environments[0].advance(microseconds: 3_700_000_000)
        try node.round()
        #expect(crm.value(id, "title") == "总监")
    }

    @Test func whatIsRefusedIsKeptAndAnotherValueIsTried() throws {
        let id = contact()
        try node.round()
        let record = try node.record("crm:\(id)")
        try node.edit(record, "name=refused", "city=上海")
        #expect(try node.round().refused == 1)
        try node.round()
        #expect(crm.value(id, "city") == "上海", "what else there is to write is not held up")
        #expect(try node.deadLetters().map(\.letter.code) == ["bad-name"])
        _ = crm.requests()
        try node.round()
        #expect(crm.requests("PATCH") == 0)
        try node.edit(record, "name=张三")
        try node.round()
        #expect(crm.value(id, "name") == "张三")
    }

    // MARK: Ends

    @Test func whatIsGoneIsDeletedAndWhatComesBackIsRestored() throws {
        let id = contact(), other = contact("李娜")
        try node.round()
        crm.set(id, "archived", true)
        try node.round()
        #expect(try node.show("crm:\(id)").isDeleted)
        crm.set(id, "archived", false)
        try node.round()
        #expect(try !node.show("crm:\(id)").isDeleted)
        try node.edit(node.record("crm:\(other)"), "city=上海")
        try node.round()
        crm.remove(id)
        crm.remove(other)
        try node.round(reconciles: true)
        #expect(try node.show("crm:\(id)").isDeleted)
        #expect(try node.conflicts(of: node.record("crm:\(other)")).contains { $0.hasPrefix("delete-edit") }, "what a person wrote is not lost")
        try fleet.settle()
    }

    @Test func aDeletionHereReachesTheSystemWhereTheMappingSaysSo() throws {
        let id = contact()
        try node.round()
        _ = try node.delete("crm:\(id)")
        try node.round()
        #expect(crm.count == 1)
        _ = try node.mapConnector("crm", edits: ["contacts.delete=delete"])
        try node.round()
        #expect(crm.count == 0)
    }

    @Test func mostOfItGoneIsNotBelieved() throws {
        for number in 0..<60 { _ = contact("n\(number)") }
        try node.round()
        crm.state.withLock { $0.contacts = [:] }
        let error = #expect(throws: NodeError.self) { try node.round(reconciles: true) }
        #expect(error?.code == "crm.too-many-gone")
        #expect(try node.status().counts.customers == 60)
    }

    // MARK: Trouble

    @Test func aHostileRecordDoesNotStopTheOthers() throws {
        _ = contact()
        crm.state.withLock { state in
            state.contacts[7] = .init(fields: ["name": .string("x"), "tags": .array((0..<8_000).map { .string(String(repeating: "t", count: 90) + "\($0)") })], updatedAt: 1)
            state.contacts[8] = .init(fields: ["name": .string(String(repeating: "n", count: 20_000)), "city": "a\nb\u{0}c"], updatedAt: 1)
            state.nextID = 9
        }
        _ = contact("李娜")
        let counts = try node.round()
        #expect(counts.created == 3)
        #expect(try node.deadLetters().map(\.letter.code) == ["store.row-too-large"])
        try fleet.settle()
    }

    @Test func aRecordWhoseSearchLagsIsNotMadeTwice() throws {
        _ = try node.mapConnector("crm", edits: ["contacts.create=all"])
        _ = try node.add("name=王芳")
        crm.state.withLock { $0.lostReplies = 1 }
        _ = try node.round()
        // The system's search does not find it yet.
        let made = crm.state.withLock { state in state.contacts.removeValue(forKey: 1) }
        #expect(try node.round().made == 0)
        crm.state.withLock { $0.contacts[1] = made }
        #expect(try node.round().made == 1)
        #expect(crm.state.withLock(\.creates) == 1)
        // What was never done is done after a while.
        _ = try node.add("name=刘洋")
        crm.state.withLock { $0.statuses = [0, 0, 0, 0] ; $0.lostReplies = 1 }
        _ = try node.round()
        crm.remove(2)
        fleet.environments[0].advance(microseconds: 40_000_000)
        #expect(try node.round().made == 1)
    }

    @Test func aTokenThatIsNotTakenIsSaidInOneLine() throws {
        _ = try node.addConnector(name: "crm", system: "rest", url: crm.url, secret: ConnectorSecret(text: "wrong"), mapping: SmallCRM.mapping)
        let error = #expect(throws: ConnectorError.self) { try node.round() }
        #expect(error?.code == "crm.unauthorized")
        #expect(try node.connectorStatus().map(\.advice) == [.renewSecret])
        try node.add(crm)
        try node.round()
        #expect(try node.connectorStatus().map(\.advice) == [.nothing])
    }

    @Test func aSystemThatIsBusyIsAskedAgain() throws {
        _ = contact()
        crm.state.withLock { $0.statuses = [429, 503, 0] }
        #expect(try node.round().created == 1)
        crm.state.withLock { $0.statuses = Array(repeating: 503, count: 20) }
        #expect(throws: ConnectorError.self) { try node.round() }
        crm.state.withLock { $0.statuses = [] }
        try node.round()
    }

    @Test func anotherNodeRefusesAndNamesTheOwner() throws {
        try fleet.settle()
        let error = #expect(throws: NodeError.self) { try fleet[1].round() }
        #expect(error?.code == "crm.owned-elsewhere")
        #expect(error?.parameters["owner"] == "node 0")
        #expect(try fleet[1].connectorStatus().map(\.advice) == [.elsewhere])
    }

    @Test func afterATakeoverEqualValuesAgreeAndOthersAreConflicts() throws {
        let id = contact()
        try node.round()
        try fleet.settle()
        let record = try node.record("crm:\(id)")
        try fleet[1].edit(record, "city=上海")
        crm.set(id, "city", "宁波")
        _ = try fleet[1].takeOverConnector("crm", secret: ConnectorSecret(text: "secret"))
        try fleet[1].round()
        #expect(try fleet[1].conflicts(of: record) == ["source city: 上海, 宁波"])
        #expect(crm.value(id, "name") == "张伟")
        try fleet.settle()
    }

    @Test func secretsStandInNoRow() throws {
        try node.round()
        let documents = try node.connectors().map { "\($0)" }
        #expect(!documents.isEmpty)
        #expect(documents.allSatisfy { !$0.contains("secret") })
        #expect("\(try ConnectorSecret(text: "hush"))" == "ConnectorSecret")
    }
}
