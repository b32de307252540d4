import Connectors
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
