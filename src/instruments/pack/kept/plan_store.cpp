#include "instruments/pack/kept/plan_store.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "instruments/pack/choose/objective.hpp"

namespace signalbox::pack {
namespace {

constexpr std::string_view kColumns =
    "id, order_id, boxes, packages, units, fill, billed_lb, actual_lb, dim_packages, board_m2, proof, "
    "made_ms";
constexpr std::int64_t kMostBoxes = 20;  // combinations of boxes that totals name

KeptPlan plan_from(const store::Row& row) {
  KeptPlan out;
  out.id = row.text(0);
  out.order = row.text(1);
  out.boxes = row.text(2);
  out.packages = row.integer(3);
  out.units = row.integer(4);
  out.fill = row.real(5);
  out.billed_lb = row.integer(6);
  out.actual_lb = row.integer(7);
  out.dim_packages = row.integer(8);
  out.board_m2 = row.real(9);
  out.proof = row.text(10);
  out.made = Time(Duration(row.integer(11)));
  return out;
}

}  // namespace

std::vector<store::Migration> kept_migrations() {
  return {
      {"pack", 1, "kept plans",
       "create table pack_plan (id TEXT primary key, order_id TEXT not null, boxes TEXT not null, packages "
       "INTEGER not null, "
       "units INTEGER not null, fill REAL not null, billed_lb INTEGER not null, actual_lb INTEGER not null, "
       "dim_packages INTEGER not null, board_m2 REAL not null, proof TEXT not null, made_ms INTEGER not "
       "null, document TEXT not null);\n"
       "create index pack_plan_by_time on pack_plan (made_ms, id);\n"
       "create index pack_plan_by_order on pack_plan (order_id);\n"
       "create index pack_plan_by_fill on pack_plan (fill, id);\n"},
      {"pack", 2, "how often plans were kept",
       "create table pack_change (id INTEGER primary key, times INTEGER not null);\n"
       "insert into pack_change (id, times) values (1, 0);\n"},
      {"pack", 3, "the target of the first year",
       "create table pack_target (id INTEGER primary key, from_day INTEGER not null, baseline_lb REAL not "
       "null, percent REAL not null);\n"},
      {"pack", 4, "what was packed at stations",
       "create table pack_packed (key_text TEXT primary key, plan_id TEXT not null, order_id TEXT not null, "
       "package INTEGER not null, station TEXT not null, box TEXT not null, recommended TEXT not null, "
       "reason TEXT not null, left_out TEXT not null, left_out_units INTEGER not null, weight_ng INTEGER "
       "not null, took_ms INTEGER not null, at_ms INTEGER not null, told_by TEXT not null);\n"
       "create unique index pack_packed_by_plan on pack_packed (plan_id, package);\n"
       "create index pack_packed_by_order on pack_packed (order_id);\n"
       "create index pack_packed_by_time on pack_packed (at_ms, key_text);\n"}};
}

Result<std::unique_ptr<store::Database>> open_plan_store(const Workspace& workspace,
                                                         const std::string& store) {
  SIGNALBOX_TRY(auto database,
                store::open_database(store.empty() ? "sqlite:" + workspace.database().string() : store));
  SIGNALBOX_CHECK(store::migrate(*database, kept_migrations()));
  return database;
}

KeptPlan kept_plan(const PlanDocument& document, const RulePack& rules, Account account, Time made) {
  KeptPlan out;
  out.id = document.id;
  out.order = document.order.id;
  out.made = made;
  out.proof = name_of(document.plan.proof);
  double contents = 0;
  double inner = 0;
  std::vector<std::string> skus;
  for (const Package& package : document.plan.packages) {
    const Box& box = document.boxes[package.box];
    skus.push_back(box.sku);
    ++out.packages;
    out.units += static_cast<std::int64_t>(package.placements.size());
    contents += fill_of(package, box) * litres(box.inner);
    inner += litres(box.inner);
    out.board_m2 += static_cast<double>(board_mm2(box)) / 1e6;
    const Bill bill = bill_of(rules, box.outer, box.tare + contents_of(document.order, package), account);
    out.billed_lb += bill.billed_lb;
    out.actual_lb += bill.actual_lb;
    out.dim_packages += bill.dim_lb > bill.actual_lb ? 1 : 0;
  }
  std::ranges::sort(skus);  // the same boxes are one combination, whichever is packed first
  out.boxes = fmt::format("{}", fmt::join(skus, ", "));
  out.fill = inner > 0 ? contents / inner : 0;
  return out;
}

Json to_json(const KeptPlan& plan) {
  return Json::object({{"id", plan.id},
                       {"order", plan.order},
                       {"boxes", plan.boxes},
                       {"packages", plan.packages},
                       {"units", plan.units},
                       {"fill", plan.fill},
                       {"billed_lb", plan.billed_lb},
                       {"actual_lb", plan.actual_lb},
                       {"dim_packages", plan.dim_packages},
                       {"board_m2", plan.board_m2},
                       {"proof", plan.proof},
                       {"made", to_rfc3339(plan.made)}});
}

Status PlanStore::put(const std::vector<std::pair<KeptPlan, std::string>>& plans) {
  return database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_CHECK(database_.execute("update pack_change set times = times + 1 where id = 1"));
    std::vector<std::vector<store::Value>> rows;
    for (const auto& [plan, document] : plans) {
      SIGNALBOX_CHECK(database_.execute("delete from pack_plan where id = ?", {plan.id}));
      const auto same = std::find_if(rows.begin(), rows.end(), [&](const auto& row) {
        return std::get<std::string>(row[0]) == plan.id;
      });
      if (same != rows.end()) continue;
      rows.push_back({plan.id, plan.order, plan.boxes, plan.packages, plan.units, plan.fill, plan.billed_lb,
                      plan.actual_lb, plan.dim_packages, plan.board_m2, plan.proof,
                      plan.made.time_since_epoch().count(), document});
    }
    return database_.insert_many("pack_plan",
                                 {"id", "order_id", "boxes", "packages", "units", "fill", "billed_lb",
                                  "actual_lb", "dim_packages", "board_m2", "proof", "made_ms", "document"},
                                 rows);
  });
}

Result<std::vector<KeptPlan>> PlanStore::list(Sorting sorting, const std::string& order, std::int64_t most) {
  std::string sql = "select " + std::string(kColumns) + " from pack_plan";
  std::vector<store::Value> values;
  if (!order.empty()) {
    sql += " where order_id = ?";
    values.emplace_back(order);
  }
  sql += sorting == Sorting::newest     ? " order by made_ms desc, id"
         : sorting == Sorting::emptiest ? " order by fill, id"
                                        : " order by billed_lb desc, id";
  sql += " limit ?";
  values.emplace_back(most);
  SIGNALBOX_TRY(const auto rows, database_.query(sql, values));
  std::vector<KeptPlan> out;
  for (const store::Row& row : rows) out.push_back(plan_from(row));
  return out;
}

Result<std::string> PlanStore::document(const std::string& id) {
  SIGNALBOX_TRY(const auto rows, database_.query("select document from pack_plan where id = ?", {id}));
  if (rows.empty()) return fail(ErrorKind::not_found, "no plan is kept under that id");
  return rows[0].text(0);
}

Result<std::string> PlanStore::state() {
  SIGNALBOX_TRY(const auto rows, database_.query("select times from pack_change where id = 1"));
  return fmt::format("{}", rows.empty() ? 0 : rows[0].integer(0));
}

Status PlanStore::set_target(const FirstYearTarget& target) {
  return database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_CHECK(database_.execute("update pack_change set times = times + 1 where id = 1"));
    SIGNALBOX_CHECK(database_.execute("delete from pack_target"));
    SIGNALBOX_CHECK(
        database_.execute("insert into pack_target (id, from_day, baseline_lb, percent) values (1, ?, ?, ?)",
                          {target.from_day, target.baseline_lb, target.percent}));
    return {};
  });
}

Result<std::optional<FirstYearTarget>> PlanStore::target() {
  SIGNALBOX_TRY(const auto rows, database_.query("select from_day, baseline_lb, percent from pack_target"));
  if (rows.empty()) return std::optional<FirstYearTarget>();
  return std::optional(FirstYearTarget{rows[0].integer(0), rows[0].real(1), rows[0].real(2)});
}

Result<std::pair<std::int64_t, std::int64_t>> PlanStore::since(std::int64_t day) {
  SIGNALBOX_TRY(
      const auto rows,
      database_.query("select count(*), coalesce(sum(billed_lb), 0) from pack_plan where made_ms >= ?",
                      {day * 86'400'000}));
  return std::pair(rows[0].integer(0), rows[0].integer(1));
}

Result<PlanStore::Totals> PlanStore::totals() {
  Totals out;
  out.fills.assign(10, 0);
  SIGNALBOX_CHECK(database_.transaction(store::Database::Access::read, [&]() -> Status {
    SIGNALBOX_TRY(const auto sums,
                  database_.query("select count(*), coalesce(sum(packages), 0), coalesce(sum(units), 0), "
                                  "coalesce(sum(billed_lb), 0), "
                                  "coalesce(sum(actual_lb), 0), coalesce(sum(dim_packages), 0), "
                                  "coalesce(sum(board_m2), 0.0), coalesce(avg(fill), 0.0) from pack_plan"));
    const store::Row& row = sums[0];
    out.plans = row.integer(0);
    out.packages = row.integer(1);
    out.units = row.integer(2);
    out.billed_lb = row.integer(3);
    out.actual_lb = row.integer(4);
    out.dim_packages = row.integer(5);
    out.board_m2 = row.real(6);
    out.fill = row.real(7);
    SIGNALBOX_CHECK(database_.for_each("select fill from pack_plan", {}, [&](const store::Row& each) {
      ++out.fills[static_cast<std::size_t>(std::clamp(static_cast<int>(each.real(0) * 10), 0, 9))];
      return true;
    }));
    SIGNALBOX_TRY(
        const auto boxes,
        database_.query(
            "select boxes, count(*) from pack_plan group by boxes order by count(*) desc, boxes limit ?",
            {kMostBoxes}));
    for (const store::Row& each : boxes) out.boxes.emplace_back(each.text(0), each.integer(1));
    return {};
  }));
  return out;
}

}  // namespace signalbox::pack
