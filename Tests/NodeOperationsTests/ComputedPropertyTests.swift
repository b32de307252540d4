import Causality
import Connectors
import FleetSupport
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// Segments and scores: properties that are computed here and only written.
struct ComputedPropertyTests {
    private let fleet: TestFleet
    private let crm: SmallCRM
    private var node: Node { fleet[0] }

    init() throws {
        fleet = try TestFleet(1)
        crm = SmallCRM(fleet.environments[0])
    }

    private func connect(_ lines: String...) throws {
        try node.add(crm, mapping: SmallCRM.mapping + "\n" + lines.joined(separator: "\n"))
    }

    private static let north = "segment\tnorth\tis_north\tcity in (北京, 哈尔滨)"
    private static let vip = "segment\tVIP\tsegments[]\ttag = vip", bosses = "segment\t决策者\tsegments[]\ttitle contains 总"
    private static let completeness = "score\tcompleteness\tcompleteness"

    private func contact(_ name: String, city: String = "杭州") -> Int { crm.add(["name": .string(name), "city": .string(city)]) }

    private func later() { fleet.environments[0].advance(microseconds: 5_000_000) }

    // MARK: Segments

    @Test func aMemberIsMarkedAndOneThatLeavesIsNot() throws {
        try connect(Self.north)
        let inside = contact("张伟", city: "北京"), outside = contact("李娜")
        #expect(try node.round().written == 1, "nothing need be said where nothing stands")
        #expect(crm.value(inside, "is_north") == "true")
        #expect(crm.value(outside, "is_north") == nil)
        let record = try node.record("crm:\(inside)"), digest = try node.status().counts.digest
        for _ in 0..<3 {
            later()
            let counts = try node.round()
            #expect((counts.written, counts.updated, counts.rewritten) == (0, 0, 0))
        }
        #expect(try node.status().counts.digest == digest, "the echo is no word on the customer")
        try node.edit(record, "city=上海")
        try node.edit(node.record("crm:\(outside)"), "city=哈尔滨")
        #expect(try node.round().written == 2)
        #expect(crm.value(inside, "is_north") == "false")
        #expect(crm.value(outside, "is_north") == "true")
        #expect(try node.conflicts().total == 0)
        try fleet.settle()
    }

    @Test func theSystemsOwnWordDecidesToo() throws {
        try connect(Self.north)
        let id = contact("张伟")
        try node.round()
        later()
        crm.set(id, "city", "北京")
        #expect(try node.round().written == 1)
        #expect(crm.value(id, "is_north") == "true")
    }

    @Test func nothingNewIsOneRequest() throws {
        try connect(Self.north, Self.completeness)
        for number in 0..<3 { _ = contact("n\(number)", city: "北京") }
        try node.round()
        later()
        try node.round()
        _ = crm.requests()
        later()
        try node.round()
        #expect(crm.requests() == 1)
    }

    @Test func aPropertyListsTheSegmentsOfACustomer() throws {
        try connect(Self.vip, Self.bosses)
        let id = contact("张伟"), other = contact("李娜")
        try node.round()
        let record = try node.record("crm:\(id)")
        try node.edit(record, "tags+=vip", "title=总监")
        try node.round()
        #expect(Set(crm.values(id, "segments")) == ["VIP", "决策者"])
        #expect(crm.values(other, "segments").isEmpty)
        try node.edit(record, "tags-=vip")
        try node.round()
        #expect(crm.values(id, "segments") == ["决策者"])
        try node.edit(record, "title=经理")
        try node.round()
        #expect(crm.values(id, "segments").isEmpty)
        #expect(try node.show("crm:\(id)").tags.isEmpty)
        later()
        #expect(try node.round().written == 0)
    }

    @Test func aNewRecordCarriesWhatIsComputed() throws {
        try connect(Self.north, Self.completeness)
        _ = try node.mapConnector("crm", edits: ["contacts.create=all"])
        _ = try node.add("name=王芳", "city=北京")
        #expect(try node.round().made == 1)
        #expect(crm.value(1, "is_north") == "true")
        #expect(crm.value(1, "completeness") != nil)
        later()
        #expect(try node.round().written == 0)
    }

    @Test func linkedRecordsAreOneCustomerThere() throws {
        try connect(Self.vip)
        let id = contact("张伟"), other = contact("张伟")
        try node.round()
        let first = try node.record("crm:\(id)"), second = try node.record("crm:\(other)")
        _ = try node.merge(first.description, second.description)
        try node.edit(first, "tags+=vip")
        try node.round()
        #expect(crm.values(id, "segments") == ["VIP"])
        #expect(crm.values(other, "segments") == ["VIP"])
    }

    // MARK: What others write there

    @Test func anEditThereIsPutBackAndIsNoWordOnTheCustomer() throws {
        try connect(Self.north, Self.vip)
        let inside = contact("张伟", city: "北京"), outside = contact("李娜")
        try node.round()
        let digest = try node.status().counts.digest
        later()
        crm.set(inside, "is_north", "false")
        crm.set(outside, "is_north", "true")
        crm.set(outside, "segments", ["Imported"])
        #expect(try node.round().written == 2)
        #expect(crm.value(inside, "is_north") == "true")
        #expect(crm.value(outside, "is_north") == "false")
        #expect(crm.values(outside, "segments").isEmpty)
        #expect(try node.status().counts.digest == digest)
        #expect(try node.conflicts().total == 0)
        later()
        #expect(try node.round().written == 0)
    }

    @Test func anEditThatAPullAloneReadsIsPutBackByTheNextPush() throws {
        try connect(Self.north)
        let id = contact("张伟")
        try node.round()
        later()
        crm.set(id, "is_north", "true")
        var options = ConnectorOptions()
        options.sleep = { _ in }
        _ = try node.pullConnector("crm", options: options)
        #expect(try node.pushConnector("crm", options: options).written == 1)
        #expect(crm.value(id, "is_north") == "false")
    }

    @Test func whatIsPutBackMoreThanThreeTimesAnHourIsADeadLetter() throws {
        try connect(Self.north)
        let id = contact("张伟", city: "北京")
        try node.round()
        for _ in 0..<6 {
            later()
            crm.set(id, "is_north", "false")
            try node.round()
        }
        #expect(try node.deadLetters().map { "\($0.letter.code) \($0.letter.field)" } == ["crm.flips is_north"])
        #expect(crm.value(id, "is_north") == "false")
        _ = crm.requests()
        later()
        try node.edit(node.record("crm:\(id)"), "title=总监")
        try node.round()
        #expect(crm.value(id, "title") == "总监", "the rest goes on")
        #expect(crm.value(id, "is_north") == "false")
        fleet.environments[0].advance(microseconds: 3_700_000_000)
        #expect(try node.retryDeadLetters([]) == 1)
        try node.round()
        #expect(crm.value(id, "is_north") == "true")
    }

    @Test func anotherWayToWriteYesIsYes() throws {
        try connect("segment\tnorth\tis_north\tcity = 北京\tchoice:Y=true|N=false")
        let id = contact("张伟", city: "北京")
        try node.round()
        #expect(crm.value(id, "is_north") == "Y")
        try node.edit(node.record("crm:\(id)"), "city=上海")
        try node.round()
        #expect(crm.value(id, "is_north") == "N")
        later()
        #expect(try node.round().written == 0)
    }

    // MARK: Scores

    @Test func completenessIsWhatQualityCounts() throws {
        try connect(Self.completeness)
        let id = contact("张伟")
        try node.round()
        var count = try node.quality().completeness.overall
        #expect(crm.value(id, "completeness") == String(count.filled * 100 / count.records))
        try node.edit(node.record("crm:\(id)"), "title=总监", "birthday=1990-01-02", "gender=male", "industry=软件")
        try node.round()
        let before = count
        count = try node.quality().completeness.overall
        #expect(count.filled > before.filled)
        #expect(crm.value(id, "completeness") == String(count.filled * 100 / count.records))
        later()
        #expect(try node.round().written == 0)
    }

    @Test func quietDaysAreToldInStepsAsTheyPass() throws {
        try connect("score\tdays-since-event\tquiet")
        let id = contact("张伟"), never = contact("李娜")
        try node.round()
        #expect(crm.value(id, "quiet") == nil)
        _ = try node.note("crm:\(id)", text: "来访")
        try node.round()
        #expect(crm.value(id, "quiet") == "0")
        fleet.environments[0].advance(microseconds: 6 * 86_400_000_000)
        #expect(try node.round().written == 0)
        fleet.environments[0].advance(microseconds: 2 * 86_400_000_000)
        #expect(try node.round().written == 1)
        #expect(crm.value(id, "quiet") == "7")
        fleet.environments[0].advance(microseconds: 400 * 86_400_000_000)
        try node.round()
        #expect(crm.value(id, "quiet") == "365")
        #expect(crm.value(never, "quiet") == nil)
        _ = try node.note("crm:\(id)", text: "电话")
        try node.round()
        #expect(crm.value(id, "quiet") == "0")
    }

    @Test func aSegmentOfAFieldThatIsNotKnownHereIsADeadLetterAndTheRestGoesOn() throws {
        var later = FieldCatalogue.standard
        later.add(Field(id: FieldID(rawValue: 990), name: "loyalty", type: .text, labelEnglish: "Loyalty", labelChinese: "忠诚度"))
        fleet.environments[0].know(later)
        try connect(Self.north, Self.vip, "segment\tloyal\tsegments[]\tloyalty = gold")
        let id = contact("张伟", city: "北京")
        try node.round()
        fleet.environments[0].know(.standard)
        try node.edit(node.record("crm:\(id)"), "city=上海", "tags+=vip")
        #expect(try node.round().refused == 1)
        #expect(crm.value(id, "is_north") == "false")
        #expect(crm.values(id, "segments").isEmpty, "who is in one of the segments nobody can say")
        let letter = try #require(try node.deadLetters().first?.letter)
        #expect((letter.code, letter.field, letter.message) == ("rules.unknown-field", "segments[]", "loyal"))
        fleet.environments[0].know(later)
        try node.edit(node.record("crm:\(id)"), "title=总监")
        try node.round()
        #expect(crm.values(id, "segments") == ["VIP"])
        #expect(try node.deadLetters().isEmpty)
    }

    // MARK: The mapping

    @Test func anotherExpressionIsAnotherSegmentAndReadsNothingAgain() throws {
        try connect(Self.north)
        let ids = (0..<3).map { contact("n\($0)", city: $0 == 0 ? "北京" : "杭州") }
        try node.round()
        later()
        _ = try node.mapConnector("crm", edits: ["contacts.segment.north.expression=city = 杭州"])
        let counts = try node.round()
        #expect((counts.read, counts.written) == (3, 3), "the look-back alone is read")
        #expect(ids.map { crm.value($0, "is_north") } == ["false", "true", "true"])
        fleet.environments[0].advance(microseconds: 60_000_000)
        _ = try node.round()
        _ = try node.mapConnector("crm", edits: ["contacts.segment.north.expression=city = 北京"])
        #expect(try node.round().read == 0)
        #expect(ids.map { crm.value($0, "is_north") } == ["true", "false", "false"])
        // One more, beside it.
        _ = try node.mapConnector("crm", edits: ["contacts.segment.west.expression=city = 杭州", "contacts.score.completeness.remote=full"])
        try node.round()
        #expect(ids.map { crm.value($0, "west") } == [nil, "true", "true"])
        #expect(crm.value(ids[0], "full") != nil)
    }

    @Test(arguments: [
        ("ctiy = 杭州", "rules.unknown-field"), ("city =", "rules.value-expected"), ("words alone", "rules.operator-expected"),
        ("income contains 3", "rules.operator-not-for-field"),
    ])
    func whatIsNoExpressionIsSaidAtOnce(_ expression: String, _ reason: String) throws {
        try connect()
        let error = #expect(throws: NodeError.self) {
            try node.mapConnector("crm", edits: ["contacts.segment.north.expression=\(expression)"])
        }
        #expect(error?.code == "crm.segment-expression")
        #expect(error?.parameters["reason"] == reason && error?.parameters["segment"] == "north" && error?.parameters["object"] == "contacts")
        #expect(throws: NodeError.self) { try node.add(crm, name: "other", mapping: SmallCRM.mapping + "\nsegment\tnorth\tn\t\(expression)") }
    }

    @Test func fieldsAreShownWithWhatTheyAreHere() throws {
        try connect(Self.north, Self.vip, Self.completeness)
        let names = try node.localNames(node.connectors()[0])
        #expect(names["contacts"]?["city"] == ["city"])
        #expect(names["contacts"]?["is_north"] == ["segment north"])
        #expect(names["contacts"]?["segments"] == ["segment VIP"])
        #expect(names["contacts"]?["completeness"] == ["score completeness"])
    }
}
