#include "instruments/profile/formats/perf_data_names.hpp"

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <elf.h>
#include <gtest/gtest.h>

#include "core/base/file.hpp"

namespace signalbox::profile {
namespace {

using BuildIds = std::map<std::string, std::string>;

template <class Part>
std::string octets_of(const Part& part) {
  std::string out(sizeof part, '\0');
  std::memcpy(out.data(), &part, sizeof part);
  return out;
}

// "abcd" is the build id 61626364.
std::string notes_with(const std::string& id) {
  return octets_of(Elf64_Nhdr{4, static_cast<Elf64_Word>(id.size()), NT_GNU_BUILD_ID}) +
         std::string("GNU\0", 4) + id;
}

// A program without symbols whose first octet lies at 0x400000.
std::string program_with(const std::string& id) {
  const std::string notes = notes_with(id);
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_EXEC;
  header.e_machine = EM_X86_64;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 2;
  const std::uint64_t notes_at = sizeof header + 2 * sizeof(Elf64_Phdr);
  Elf64_Phdr code{};
  code.p_type = PT_LOAD;
  code.p_flags = PF_R | PF_X;
  code.p_vaddr = 0x400000;
  code.p_filesz = code.p_memsz = notes_at + notes.size();
  Elf64_Phdr note{};
  note.p_type = PT_NOTE;
  note.p_offset = notes_at;
  note.p_filesz = notes.size();
  return octets_of(header) + octets_of(code) + octets_of(note) + notes;
}

// A kernel with the build id "abcd", its code at `text`, and a module at `module`.
class Kernel {
 public:
  Kernel(const std::string& text, const std::string& module) {
    EXPECT_TRUE(write_file_atomically(files_.notes, notes_with("abcd")));
    EXPECT_TRUE(write_file_atomically(
        files_.symbols, text + "000 T _text\n" + text + "100 t do_work\n" + text + "900 T _etext\n" + module +
                            "000 t send_it\t[network]\n" + module + "800 t bpf_prog_1\t[bpf]\n"));
  }
  const KernelFiles& files() const { return files_; }

 private:
  TemporaryDirectory folder_;
  KernelFiles files_{folder_.path() / "notes", folder_.path() / "kallsyms"};
};

std::string name_of(const ProfileBuilder& builder, FrameId frame) {
  const Profile& profile = builder.profile();
  return std::string(profile.strings[profile.functions[profile.frames[frame].function].name]);
}

using Notes = std::vector<std::string>;
constexpr std::uint64_t kText = 0xffffffff81000000;
constexpr std::uint64_t kModule = 0xffffffffc0000000;

class PerfDataNamesTest : public ::testing::Test {
 protected:
  ProfileBuilder builder_{std::vector<ValueType>{{"samples", "count"}}};
};
using PerfDataFiles = PerfDataNamesTest;
using PerfDataKernel = PerfDataNamesTest;

}  // namespace

TEST_F(PerfDataFiles, AreNamedByTheSameBuildIdWithoutANote) {
  const TemporaryDirectory folder;
  const std::string path = (folder.path() / "program").string();
  ASSERT_TRUE(write_file_atomically(path, program_with("abcd")));
  const BuildIds none;
  PerfDataNames by_record(builder_, none);
  const FrameId frame = by_record.in_file(0, {path, "61626364"}, 0x40, 0x10040).at(0);
  EXPECT_EQ(builder_.profile().frames[frame].address, 0x400040U) << "as the file counts them";
  EXPECT_EQ(by_record.notes(), Notes());
  const BuildIds told = {{path, "61626364"}};
  PerfDataNames by_table(builder_, told);
  EXPECT_EQ(by_table.in_file(0, {path, ""}, 0x40, 0x10040).at(0), frame);
  EXPECT_EQ(by_table.notes(), Notes());
}

TEST_F(PerfDataFiles, OfAnotherBuildIdNameNothing) {
  const TemporaryDirectory folder;
  const std::string path = (folder.path() / "program").string();
  ASSERT_TRUE(write_file_atomically(path, program_with("abcd")));
  const BuildIds none;
  PerfDataNames names(builder_, none);
  const FrameId frame = names.in_file(0, {path, "61626365"}, 0x40, 0x10040).at(0);
  EXPECT_EQ(builder_.profile().frames[frame].address, 0x10040U);
  EXPECT_EQ(names.notes(), Notes{path + ": has another build id by now: its functions have no names"});
}

TEST_F(PerfDataFiles, WithoutABuildIdInTheRecordingAreToldOf) {
  const TemporaryDirectory folder;
  const BuildIds none;
  PerfDataNames names(builder_, none);
  std::vector<std::string> paths;
  for (std::uint32_t number = 0; number < 3; ++number) {
    paths.push_back((folder.path() / std::to_string(number)).string());
    ASSERT_TRUE(write_file_atomically(paths.back(), program_with("abcd")));
    const FrameId frame = names.in_file(number, {paths.back(), ""}, 0x40, 0x10040).at(0);
    EXPECT_EQ(builder_.profile().frames[frame].address, 0x400040U);
    names.in_file(number, {paths.back(), ""}, 0x50, 0x10050);
    if (number == 0) {
      EXPECT_EQ(
          names.notes(),
          Notes{paths[0] + ": the recording tells no build id of it: named by the file that is here now"});
    }
  }
  EXPECT_EQ(names.notes(),
            Notes{paths[0] + " and 2 other files: the recording tells no build id of them: named by the "
                             "files that are here now"});
  PerfDataNames of_what_is_gone(builder_, none);
  of_what_is_gone.in_file(0, {(folder.path() / "none").string(), ""}, 0x40, 0x10040);
  EXPECT_EQ(of_what_is_gone.notes(), Notes());
}

TEST_F(PerfDataKernel, OfTheSameBootNamesItsCodeAndItsModules) {
  const Kernel kernel("ffffffff81000", "ffffffffc0000");
  const BuildIds told = {{"[kernel.kallsyms]", "61626364"}};
  PerfDataNames names(builder_, told, kernel.files());
  names.kernel_is_at("_text", kText, "");
  EXPECT_EQ(name_of(builder_, names.in_kernel(kText + 0x123)), "do_work");
  EXPECT_EQ(name_of(builder_, names.in_kernel(kModule + 0x10)), "send_it [network]");
  EXPECT_EQ(names.notes(), Notes());
}

// The kernel was moved by 0x1000000 since, and the module to where another one may have been.
TEST_F(PerfDataKernel, OfAnotherBootNamesItsOwnCodeAlone) {
  const Kernel kernel("ffffffff82000", "ffffffffc1000");
  const BuildIds told = {{"[kernel.kallsyms]", "61626364"}};
  PerfDataNames names(builder_, told, kernel.files());
  names.kernel_is_at("_text", kText, "");
  EXPECT_EQ(name_of(builder_, names.in_kernel(kText + 0x123)), "do_work");
  EXPECT_EQ(name_of(builder_, names.in_kernel(kModule + 0x10)), "");
  EXPECT_EQ(name_of(builder_, names.in_kernel(kModule + 0x810)), "");
  EXPECT_EQ(name_of(builder_, names.in_kernel(kText + 0x5000)), "") << "behind its code, before all modules";
  EXPECT_EQ(name_of(builder_, names.in_kernel(kText - 0x5000)), "");
  EXPECT_EQ(names.notes(), Notes());
}

TEST_F(PerfDataKernel, IsKnownByTheBuildIdOfItsOwnRecord) {
  const Kernel kernel("ffffffff81000", "ffffffffc0000");
  const BuildIds none;
  PerfDataNames names(builder_, none, kernel.files());
  names.kernel_is_at("_text", kText, "61626364");
  EXPECT_EQ(name_of(builder_, names.in_kernel(kText + 0x123)), "do_work");
  EXPECT_EQ(names.notes(), Notes());
}

TEST_F(PerfDataKernel, WithoutNamesSaysWhy) {
  const Kernel kernel("ffffffff81000", "ffffffffc0000");
  const Kernel hidden("0000000000000", "0000000000000");
  const BuildIds same = {{"[kernel.kallsyms]", "61626364"}};
  const BuildIds another = {{"[kernel.kallsyms]", "61626365"}};
  const BuildIds none;
  const struct {
    const BuildIds& told;
    const Kernel& here;
    const char* symbol;
    const char* says;
  } cases[] = {
      {another, kernel, "_text", "recorded on another kernel"},
      {none, kernel, "_text", "no build id tells"},
      {same, hidden, "_text", "addresses of the kernel are hidden"},
      {same, kernel, "", "addresses of the kernel are hidden"},  // where it was recorded
  };
  for (const auto& each : cases) {
    PerfDataNames names(builder_, each.told, each.here.files());
    EXPECT_EQ(names.notes(), Notes()) << "nobody asked";
    if (each.symbol[0] != '\0') names.kernel_is_at(each.symbol, kText, "");
    EXPECT_EQ(name_of(builder_, names.in_kernel(kText + 0x123)), "");
    names.in_kernel(kText + 0x456);
    ASSERT_EQ(names.notes().size(), 1U) << each.says;
    EXPECT_EQ(names.notes()[0].find(each.says), 0U) << names.notes()[0];
  }
}

}  // namespace signalbox::profile
