import StandardForms
import Testing

struct NameTests {
    @Test(arguments: [
        ("张伟", "张伟", nil, "张", false), ("张伟先生", "张伟", "先生", "张", false), ("张总", "张", "总", "张", true), ("欧阳总", "欧阳", "总", "欧阳", true),
        ("李建工", "李建工", nil, "李", false), ("王工", "王", "工", "王", true), ("欧阳娜娜女士", "欧阳娜娜", "女士", "欧阳", false), (" 刘老师 ", "刘", "老师", "刘", true),
        ("陈总经理", "陈", "总经理", "陈", true), ("Dr. Anna Schneider", "Anna Schneider", "Dr.", nil, false), ("Mr Smith", "Smith", "Mr", nil, false),
        ("先生", "先生", nil, "先", false), ("", "", nil, nil, false), ("高院", "高", "院", "高", true),
    ])
    func people(text: String, name: String, honorific: String?, surname: String?, isSurnameAlone: Bool) {
        let found = PersonName(text)
        #expect(found.name == name && found.honorific == honorific && found.surname == surname && found.isSurnameAlone == isSurnameAlone)
    }

    @Test func honorificsTellGenders() {
        #expect(PersonName("张伟先生").gender == .male && PersonName("李娜女士").gender == .female && PersonName("张总").gender == nil)
        #expect(PersonName("Mrs. Miller").gender == .female)
    }

    @Test(arguments: [
        ("上海华信软件有限公司", "华信软件", "上海市", "有限公司", nil), ("华信（上海）软件有限公司", "华信软件", "上海市", "有限公司", nil),
        ("上海华信软件股份有限公司苏州分公司", "华信软件", "上海市", "股份有限公司", "苏州分公司"), ("华信软件", "华信软件", nil, nil, nil),
        ("中国工商银行苏州分行", "工商银行", nil, nil, "苏州分行"), ("工商银行苏州分行", "工商银行", nil, nil, "苏州分行"), ("江苏省苏州市华信精密机械厂", "华信精密机械厂", "江苏省苏州市", nil, nil),
        ("Weber & Söhne GmbH", "Weber & Söhne", nil, "GmbH", nil), ("Limn Software Co., Ltd.", "Limn Software", nil, "Co., Ltd.", nil), ("Zinc", "Zinc", nil, nil, nil),
        ("华信集团有限公司", "华信", nil, "集团有限公司", nil), ("苏州创投合伙企业(有限合伙)", "创投", "江苏省苏州市", "合伙企业(有限合伙)", nil), ("", "", nil, nil, nil),
    ])
    func companies(text: String, core: String, place: String?, legalForm: String?, branch: String?) {
        let found = CompanyName(text)
        #expect(found.core == core && found.place?.name == place && found.legalForm == legalForm && found.branch == branch)
    }
}
