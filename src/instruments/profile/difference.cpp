#include "instruments/profile/difference.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/predicates.hpp"

namespace signalbox::profile {

Result<CompareOptions> compare_options(std::optional<std::string_view> wanted, const Profile& base,
                                       const Profile& fresh, const WorkOptions& work) {
  CompareOptions out;
  const auto of_base = work.base ? work.base : work_units(base);
  const auto of_fresh = work.fresh ? work.fresh : work_units(fresh);
  const std::string_view how = wanted.value_or(of_base && of_fresh ? "work" : "samples");
  if (how == "samples") return out;
  if (how == "none") {
    out.normalization = Normalization::none;
    return out;
  }
  if (how != "work")
    return fail(ErrorKind::bad_input,
                fmt::format("normalize: `{}` is none of work, samples, none", printable(how)));
  if (!of_base || !of_fresh) {
    return fail(ErrorKind::bad_input, "--normalize work: the units of work are not known of both",
                "--work N, or --work-base N --work-new N");
  }
  out.normalization = Normalization::work;
  out.base_work = *of_base;
  out.fresh_work = *of_fresh;
  return out;
}

FlameDifferenceOptions flame_difference_options(const CompareOptions& options, const Profile& fresh,
                                                const ValueType& type) {
  FlameDifferenceOptions out;
  out.flame.value = find_value(fresh, type.type);
  out.normalize = options.normalization == Normalization::samples ? Normalize::total : Normalize::none;
  out.base_work = options.base_work;
  out.new_work = options.fresh_work;
  return out;
}

}  // namespace signalbox::profile
