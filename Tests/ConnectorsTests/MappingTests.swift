import Connectors
import ProfileModel
import Testing

@Suite("A mapping says what fields mean")
struct MappingTests {
    static let text = """
        # of a test
        set\tburst\t5
        object\tcontacts\tperson
        set\tpage-size\t50
        field\tname\tfull_name
        field\tgender\tsex\tin\tclear\tchoice:1=male|2=female\tremote
        field\tincome\tsalary\t-\t-\tmoney:CNY
        object\tcompanies\torganization
        field\tname\tname\tout
        """

    @Test func aMappingIsReadLineByLine() throws {
        let mapping = try ConnectorMapping(text: Self.text)
        #expect(mapping.settings == ["burst": "5"])
        #expect(mapping.objects.map(\.name) == ["contacts", "companies"])
        let contacts = try #require(mapping[object: "contacts"])
        #expect(contacts.settings == ["page-size": "50"])
        #expect(contacts.fields[0] == MappedField(local: "name", remote: "full_name"))
        #expect(contacts.fields[1].direction == .in)
        #expect(contacts.fields[1].blank == .clear)
        #expect(contacts.fields[1].authority == .remote)
        #expect(contacts.fields[1].form.local("2") == "female")
        #expect(contacts.fields[1].form.remote("male") == "1")
        #expect(contacts.fields[2].form.local("12.50") == "12.50 CNY")
        #expect(contacts.fields[2].form.remote("12.5 CNY") == "12.5")
        #expect(mapping.objects[1].readNames.isEmpty)
    }

    @Test func anAssociationNamesAnotherObject() throws {
        let mapping = try ConnectorMapping(text: """
            object\tcontacts\tperson
            association\tcompanies[]\tcompanies\tin\tchoice:Boss=decider|Fan=champion
            object\tcompanies\torganization
            """)
        let association = try #require(mapping.objects[0].associations.first)
        #expect(association.isList && association.name == "companies" && association.direction == .in && association.tellsRoles)
        #expect(association.role(of: "Fan") == "champion" && association.role(of: "Primary") == nil && association.text(of: "decider") == "Boss")
        #expect(try ConnectorMapping(text: mapping.text) == mapping)
    }

    static let computed = """
        object\tcontacts\tperson
        field\tname\tname
        segment\tVIP\tsegments[]\ttag = vip
        segment\t大客户\tsegments[]\tincome > 1000000\tchoice:BIG=大客户
        segment\tnorth\tis_north\tcity = 北京
        score\tcompleteness\tfull
        """

    @Test func whatIsComputedIsAPropertyThatIsOnlyWritten() throws {
        let mapping = try ConnectorMapping(text: Self.computed), contacts = mapping.objects[0]
        #expect(contacts.computedProperties.map(\.remote) == ["segments[]", "is_north", "full"])
        #expect(contacts.computedProperties[0].computations.map(\.name) == ["VIP", "大客户"])
        #expect(contacts.computations.map(\.form.text) == ["text", "choice:BIG=大客户", "boolean", "number"])
        #expect(contacts.computations[3].rule == .score(.completeness))
        #expect(contacts.fields.map(\.local) == ["name"])
        #expect(try ConnectorMapping(text: mapping.text) == mapping)
    }

    @Test func aListIsATag() throws {
        let text = "object\tcontacts\tperson\nfield\tname\tname\nlist\tVIP\t大客户\nlist\t17\t-\tin\nlist\t*\n"
        var mapping = try ConnectorMapping(text: text)
        #expect(mapping.objects[0].lists == [
            MappedList(remote: "VIP", tag: "大客户"), MappedList(remote: "17", direction: .in), MappedList(remote: "*"),
        ])
        #expect(try ConnectorMapping(text: mapping.text) == mapping)
        mapping = try mapping.edited("contacts.list.17.tag=展会").edited("contacts.list.v1.5 users.direction=in").edited("contacts.list.*=")
        #expect(mapping.objects[0].lists == [
            MappedList(remote: "VIP", tag: "大客户"), MappedList(remote: "17", tag: "展会", direction: .in), MappedList(remote: "v1.5 users", direction: .in),
        ])
        #expect(try mapping.edited("contacts.list.17.tag=-").objects[0].lists[1].tag == nil)
        for edit in ["contacts.list.*.tag=x", "contacts.list.VIP.direction=out", "contacts.list.VIP.remote=x", "contacts.list.Gold="] {
            #expect(throws: ConnectorError.self, "\(edit)") { try mapping.edited(edit) }
        }
    }

    @Test func yesAndNoAndNumbersAreComparedByWhatTheyMean() throws {
        let computations = try ConnectorMapping(text: Self.computed).objects[0].computations
        #expect(computations[2].comparable(["1"], now: 0) == computations[2].comparable(["true"], now: 0))
        #expect(computations[2].comparable(["false"], now: 0).isEmpty && computations[2].comparable([""], now: 0).isEmpty)
        #expect(computations[3].comparable(["85.0"], now: 0) == computations[3].comparable(["85"], now: 0))
        #expect(computations[3].comparable(["0"], now: 0) != computations[3].comparable([], now: 0))
        #expect(computations[1].comparable(["BIG", "VIP"], now: 0) == computations[1].comparable(["VIP", "BIG"], now: 0))
    }

    @Test func whatIsComputedIsMadeChangedAndTakenAway() throws {
        var mapping = try ConnectorMapping(text: Self.computed)
        mapping = try mapping.edited("contacts.segment.north.expression=city in (北京, 哈尔滨)")
        #expect(mapping.objects[0].computations[2].rule == .segment(expression: "city in (北京, 哈尔滨)"))
        mapping = try mapping.edited("contacts.segment.v1.5 users.expression=tag = beta").edited("contacts.segment.v1.5 users.remote=segments[]")
        #expect(mapping.objects[0].computedProperties[0].computations.map(\.name) == ["VIP", "大客户", "v1.5 users"])
        mapping = try mapping.edited("contacts.segment.v1.5 users=").edited("contacts.score.completeness=")
        #expect(mapping.objects[0].computations.map(\.name) == ["VIP", "大客户", "north"])
        mapping = try mapping.edited("contacts.score.days-since-event.remote=quiet")
        #expect(mapping.objects[0].computations[3].rule == .score(.daysSinceEvent))
        for edit in ["contacts.score.luck.remote=x", "contacts.segment.new.remote=x", "contacts.segment.north.direction=in"] {
            #expect(throws: ConnectorError.self, "\(edit)") { try mapping.edited(edit) }
        }
        let other = try mapping.edited("contacts.segment.north.expression=city = 上海")
        #expect(other.withoutExpressions == mapping.withoutExpressions && other != mapping)
    }

    @Test func itsOwnTextReadsBackAsTheSame() throws {
        let mapping = try ConnectorMapping(text: Self.text)
        #expect(try ConnectorMapping(text: mapping.text) == mapping)
        for name in CRMSystems.names where name != "rest" {
            let shipped = try CRMSystems.standardMapping(name)
            #expect(try ConnectorMapping(text: shipped.text) == shipped)
        }
    }

    @Test(arguments: [
        ("object\tcontacts", 1, "columns"), ("field\tname\tname", 1, "no-object"), ("object\ta\tlink", 1, "kind"),
        ("object\ta\tperson\nobject\ta\tperson", 2, "object-twice"), ("object\ta\tperson\nfield\tname\tb\tsideways", 2, "direction"),
        ("object\ta\tperson\nfield\tname\tb\tin\tmaybe", 2, "blank"), ("object\ta\tperson\nfield\tname\tb\tin\tclear\tmoney", 2, "form"),
        ("object\ta\tperson\nfield\tname\tb\tin\tclear\ttext\tking", 2, "authority"), ("hello", 1, "unknown-word"),
        ("object\ta\tperson\nfield\tname\tb\nfield\tcity\tb", 3, "field-twice"), ("object\ta\tperson\nassociation\tb\tc", 2, "association"),
        ("object\ta\torganization\nassociation\tb\ta", 2, "association"), ("association\tb\tc", 1, "no-object"),
        ("object\ta\tevent\nassociation\tb\ta", 2, "association"),
        ("segment\ta\tb\tc = d", 1, "no-object"), ("object\ta\tevent\nsegment\ta\tb\tc = d", 2, "kind"),
        ("object\ta\tperson\nsegment\ta\tb", 2, "columns"), ("object\ta\tperson\nsegment\ta\tb\tc = d\tmaybe", 2, "form"),
        ("object\ta\tperson\nscore\tluck\tb", 2, "score"), ("object\ta\tperson\nscore\tcompleteness\tb[]", 2, "score"),
        ("object\ta\tperson\nfield\tname\tb\nscore\tcompleteness\tb", 3, "field-twice"),
        ("object\ta\tperson\nscore\tcompleteness\tb\nfield\tname\tb", 3, "field-twice"),
        ("object\ta\tperson\nsegment\ta\tb\tc = d\nsegment\te\tb\tc = d", 3, "field-twice"),
        ("object\ta\tperson\nsegment\ta\tb[]\tc = d\nsegment\ta\tb[]\tc = d", 3, "field-twice"),
        ("list\tb", 1, "no-object"), ("object\ta\tevent\nlist\tb", 2, "kind"), ("object\ta\tperson\nlist\tb\tc\tout", 2, "direction"),
        ("object\ta\tperson\nlist\t*\tc", 2, "list"), ("object\ta\tperson\nlist\tb\nlist\tb\tc", 3, "field-twice"),
        ("object\ta\tperson\nlist\tb\nfield\ttags\tc[]", 2, "list"),
        ("object\ta\tperson\nassociation\tb\tc\tup", 2, "direction"), ("object\ta\tperson\nassociation\tb", 2, "columns"),
    ])
    func whatIsWrongIsSaidWithItsLine(_ text: String, _ line: Int, _ reason: String) {
        let error = #expect(throws: ConnectorError.self) { try ConnectorMapping(text: text) }
        #expect(error?.code == "crm.mapping-line")
        #expect(error?.parameters == ["line": String(line), "reason": reason])
    }

    @Test func oneThingIsChangedAtATime() throws {
        let mapping = try ConnectorMapping(text: Self.text)
        #expect(try mapping.edited("burst=9").settings["burst"] == "9")
        #expect(try mapping.edited("contacts.page-size=").objects[0].settings.isEmpty)
        #expect(try mapping.edited("contacts.name.direction=in").objects[0].fields[0].direction == .in)
        #expect(throws: ConnectorError.self) { try mapping.edited("contacts.name.direction=up") }
        #expect(throws: ConnectorError.self) { try mapping.edited("contacts.nothing.direction=in") }
        #expect(throws: ConnectorError.self) { try mapping.edited("nonsense") }
    }
}
