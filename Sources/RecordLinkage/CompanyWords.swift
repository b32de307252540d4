/// The words of which names of organizations are made, beside what distinguishes them.
enum CompanyWords {
    /// Drops the words for the legal form from the end.
    static func dropForm(_ name: inout ArraySlice<UInt16>) {
        while let form = forms.first(where: { name.count >= $0.count + 2 && name.suffix($0.count).elementsEqual($0) }) {
            name = name.dropLast(form.count)
        }
    }

    /// Where the words for a limited company end inside a name.
    static func endOfForm(in name: ArraySlice<UInt16>) -> Int? {
        var start = name.startIndex + 2
        while start + limited.count <= name.endIndex {
            if name[start..<(start + limited.count)].elementsEqual(limited) { return start + limited.count }
            if start + fullyLimited.count <= name.endIndex, name[start..<(start + fullyLimited.count)].elementsEqual(fullyLimited) {
                return start + fullyLimited.count
            }
            start += 1
        }
        return nil
    }

    /// The length of the longest word for a branch at the end.
    static func branchLength(atEndOf name: ArraySlice<UInt16>) -> Int? {
        branches.first { name.count >= $0.count + 2 && name.suffix($0.count).elementsEqual($0) }?.count
    }

    /// The length of the longest word for a business at the end.
    static func tradeLength(atEndOf name: ArraySlice<UInt16>) -> Int? {
        for length in stride(from: min(4, name.count), through: 2, by: -1) where trades.contains(Array(name.suffix(length))) { return length }
        return nil
    }

    static let placeMarks = Set("省市区县".utf16)

    private static let limited = Array("有限公司".utf16)
    private static let fullyLimited = Array("有限责任公司".utf16)

    /// Longer ones first.
    private static let forms = list(
        "有限责任公司 股份有限公司 集团有限公司 个体工商户 合伙企业 有限合伙 有限公司 股份公司 总公司 工作室 经营部 股份 集团 公司 总厂 商行 总部")
    private static let branches = list("有限公司分公司 分公司 办事处 代表处 营业部 营业厅 专卖店 旗舰店 服务部 经销处 分行 支行 分店 门店 分校 分院 分厂 分部 店")

    private static let trades = Set(
        list(
            """
            科技 信息技术 信息科技 信息 技术 网络 网络科技 软件 数据 智能 智能科技 电子 电子科技 电子商务 商务 通信 通讯 系统 自动化 光电 半导体 互联网
            贸易 商贸 工贸 国际贸易 进出口 国际 实业 工业 产业 企业 控股 投资 资本 资产 金融 保险 经纪 租赁 担保 发展 开发 管理 企业管理 咨询 服务 人力资源 劳务
            机械 精密 精密机械 机电 重工 精工 模具 五金 金属 钢铁 钢构 设备 制造 装备 仪器 仪表 阀门 轴承 电气 电器 电缆 电力 能源 新能源 汽车 配件 零部件 汽配
            材料 新材料 化工 化学 塑料 塑胶 橡胶 涂料 玻璃 陶瓷 水泥 矿业 石化 建材 包装 印刷 印务 纸业 木业 家具 家居 纺织 服装 服饰 鞋业 皮革 针织
            建筑 建设 工程 装饰 装潢 设计 园林 景观 房地产 置业 地产 物业 安装 消防 勘测 检测 环保 环保科技 环境 节能
            食品 餐饮 酒店 酒业 茶业 乳业 饮料 粮油 农业 农牧 畜牧 水产 生物 生物科技 医药 制药 药业 医疗 医疗器械 器械 健康 医院 诊所 美容 化妆品 日化
            文化 传媒 广告 传播 影视 娱乐 教育 培训 体育 旅游 旅行社 会展 出版 图书 珠宝 玩具 礼品 百货 超市 零售 电商 供应链 物流 货运 运输 快递 仓储 航空 船舶
            银行 厂 研究院 研究所 学校 中心
            """))

    static let latinForms: Set<String> = [
        "ltd", "limited", "inc", "incorporated", "llc", "llp", "gmbh", "co", "corp", "corporation", "plc", "ag", "kg", "sa", "sarl", "bv", "nv",
        "pty", "pte", "company", "group", "holding", "holdings", "oy", "ab", "as", "srl", "spa",
    ]
    static let latinBranches: Set<String> = ["branch", "store", "subsidiary"]
    static let latinTrades: Set<String> = [
        "technology", "technologies", "trading", "trade", "industries", "industrial", "international", "services", "service", "solutions",
        "systems", "software", "electronics", "machinery", "foods", "food", "logistics", "consulting", "engineering", "construction", "media",
        "medical", "pharma", "energy", "materials", "chemicals", "textiles", "import", "export",
    ]

    private static func list(_ words: String) -> [[UInt16]] { words.utf16.split { $0 <= 0x20 }.map(Array.init) }
}
