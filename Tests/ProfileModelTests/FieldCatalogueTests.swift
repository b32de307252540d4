import ProfileModel
import Testing

struct FieldCatalogueTests {
    private let catalogue = FieldCatalogue.standard

    /// The names that scripts rely on.
    private static let ofEveryCustomer = [
        "name", "phone", "email", "wechat", "country", "region", "region_code", "state", "city", "address", "postcode",
        "territory", "industry", "interests", "owner", "stage", "source", "consent", "note", "code",
    ]
    private static let ofPersons = [
        "given_name", "family_name", "gender", "birth_date", "national_id", "occupation", "title", "department", "company",
        "income", "education",
    ]
    private static let ofOrganizations = [
        "short_name", "credit_code", "company_size", "revenue", "website", "founded", "business_scope", "tech_stack",
    ]

    @Test(arguments: ofEveryCustomer)
    func everyCustomerHasItInAColumn(name: String) throws {
        let field = try #require(catalogue[name])
        #expect(field.kinds == [.person, .organization])
        #expect(field.columnName == name)
    }

    @Test(arguments: ofPersons)
    func personsHaveItInAColumn(name: String) throws {
        let field = try #require(catalogue[name])
        #expect(field.kinds == [.person])
        #expect(field.hasColumn)
    }

    @Test(arguments: ofOrganizations)
    func organizationsHaveItInAColumn(name: String) throws {
        let field = try #require(catalogue[name])
        #expect(field.kinds == [.organization])
        #expect(field.hasColumn)
    }

    @Test func systemFieldsKeepTheirIds() {
        #expect(catalogue[FieldID.externalIDs]?.name == "external_ids")
        #expect(catalogue[FieldID.tags]?.name == "tags")
        #expect(catalogue[FieldID.scope]?.name == "scope")
        #expect(catalogue[FieldID.externalIDs]?.isSet == true && catalogue[FieldID.externalIDs]?.hasColumn == true)
        #expect(catalogue[FieldID.tags]?.isSet == true && catalogue[FieldID.tags]?.hasColumn == true)
        #expect(catalogue[FieldID.scope]?.columnName == nil)
        for field in catalogue.fields {
            #expect(field.id.rawValue >= 100 || [.scope, .externalIDs, .tags].contains(field.id), "\(field.name)")
            #expect(!field.id.isCustom)
        }
    }

    @Test(arguments: ["phone", "email", "wechat", "interests"])
    func severalValuesStand(name: String) { #expect(catalogue[name]?.isSet == true) }

    @Test func idsAndNamesAreUnique() {
        #expect(Set(catalogue.fields.map(\.id)).count == catalogue.fields.count)
        #expect(Set(catalogue.names).count == catalogue.fields.count)
    }

    @Test func namesAreSafeAsColumns() {
        for name in catalogue.names {
            #expect(name.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || $0 == "_" }, "\(name)")
        }
    }

    /// Whatever title of a field is written, that field is found, in a table of its kinds too.
    @Test func noTitleMeansTwoFields() {
        for field in catalogue.fields {
            #expect(!field.labelEnglish.isEmpty && !field.labelChinese.isEmpty)
            for title in [field.name, field.labelEnglish, field.labelChinese] + field.aliases {
                #expect(catalogue.field(titled: title)?.name == field.name, "\(title)")
            }
        }
    }

    @Test func noTitleIsWrittenTwice() {
        var seen: Set<String> = []
        for field in catalogue.fields {
            for title in Set([field.name, field.labelEnglish, field.labelChinese].map { $0.lowercased() }) {
                #expect(seen.insert(title).inserted, "\(title)")
            }
            for alias in field.aliases { #expect(seen.insert(alias.lowercased()).inserted, "\(alias)") }
        }
    }

    @Test(arguments: [
        ("手机号", "phone"), ("联系电话", "phone"), ("姓名", "name"), ("客户名称", "name"), ("所属行业", "industry"),
        ("公司名称", "company"), ("省市区", "region"), ("客户来源", "source"), ("跟进人", "owner"), ("负责人", "owner"),
        ("Birth-Date", "birth_date"), (" BIRTH DATE ", "birth_date"), ("身高（ｃｍ）", "height"), ("\u{FEFF}邮箱", "email"),
        ("备注", "note"), ("统一社会信用代码", "credit_code"),
    ])
    func titlesOfSpreadsheetsAreKnown(title: String, name: String) {
        #expect(catalogue.field(titled: title)?.name == name)
    }

    @Test func kindDecidesWhatATitleMeans() {
        #expect(catalogue.field(titled: "公司名称", of: .organization)?.name == "name")
        #expect(catalogue.field(titled: "公司名称", of: .person)?.name == "company")
        #expect(catalogue.field(titled: "联系人", of: .organization)?.name == "contact_person")
        #expect(catalogue.field(titled: "联系人", of: .person)?.name == "name")
        #expect(catalogue.field(titled: "手机", of: .person)?.name == "phone")
    }

    @Test func choicesHaveLabelsAndNoneMeansTwo() {
        for field in catalogue.fields where field.type == .choice {
            let choices = field.rules.flatMap { rule -> [FieldRule.Choice] in if case .choices(let choices) = rule { choices } else { [] } }
            #expect(choices.count > 1, "\(field.name)")
            let words = choices.flatMap { [$0.name] + $0.labels }.map { $0.lowercased() }
            #expect(Set(words).count == words.count, "\(field.name)")
        }
    }

    @Test func sensitiveIsWhatTheLawCallsSo() {
        for name in ["national_id", "income", "health"] { #expect(catalogue[name]?.sensitivity == .sensitive, "\(name)") }
        for name in ["name", "phone", "email", "birth_date", "address"] {
            #expect(catalogue[name]?.sensitivity == .personal, "\(name)")
        }
    }

    @Test func aLaterDefinitionReplacesTheField() throws {
        var catalogue = FieldCatalogue.standard
        let count = catalogue.fields.count
        let id = FieldID(rawValue: 1 << 63 | 7)
        catalogue.add(Field(id: id, name: "shoe_colour", type: .text, labelEnglish: "Shoe colour", labelChinese: "鞋色"))
        catalogue.add(Field(id: id, name: "shoe_colour", type: .text, isSet: true, labelEnglish: "Shoe colour", labelChinese: "鞋色"))
        #expect(catalogue.fields.count == count + 1)
        #expect(catalogue["shoe_colour"]?.isSet == true)
        #expect(catalogue.field(titled: "鞋色")?.id == id)
    }
}
