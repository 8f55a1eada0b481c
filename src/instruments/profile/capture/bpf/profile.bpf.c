/* Runs in the kernel at each sample of a target: walks its stack by the tables that the profiler made of .eh_frame, and sends
   the addresses. A sample that it cannot walk to the bottom returns 1, and the kernel gives the profiler a copy of
   the stack instead: what is hard is done there. */
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>

#include <bpf/bpf_helpers.h>

#include "layout.h"

/* Room for one stack on each processor: a sample may come while another program walks. */
enum sb_scratch_of { SB_SCRATCH_SAMPLE, SB_SCRATCH_SWITCH, SB_SCRATCH_WAKER, SB_SCRATCHES };

char LICENSE[] SEC("license") = "GPL";

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 8192);
  __type(key, __u32); /* tgid */
  __type(value, struct sb_process);
} sb_processes SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4096);
  __type(key, __u32);
  __type(value, struct sb_table);
} sb_tables SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1); /* set when it is loaded */
  __type(key, __u32);
  __type(value, __u64); /* number of a row; the kernel lays elements out in eights of octets anyway */
} sb_pages SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1); /* set when it is loaded */
  __type(key, __u32);
  __type(value, struct sb_row_block);
} sb_rows SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, SB_MAX_RULES);
  __type(key, __u32);
  __type(value, struct sb_rule);
} sb_rules SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 32768);
  __type(key, __u64); /* hash of a stack */
  __type(value, __u8);
} sb_known SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 << 20);
} sb_ring SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, SB_SCRATCHES);
  __type(key, __u32);
  __type(value, struct sb_sample);
} sb_scratch SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct sb_counters);
} sb_counted SEC(".maps");

/* `add $8,%rsp; ret`: what CPython's trampolines for perf go on with after their call; they keep no frame pointer. */
#define SB_PYTHON_TRAMPOLINE 0xc308c48348ull

enum sb_end { SB_END_NONE, SB_END_BOTTOM, SB_END_UNKNOWN };

struct sb_walk {
  struct sb_sample *sample;
  struct sb_process *process;
  __u64 ip;
  __u64 sp;
  __u64 fp;
  __u64 hash;
  __u32 depth;
  __u32 kernel_frames;
  __u32 python_words;
  __u32 is_return; /* ip is a return address: the call lies before it */
  enum sb_end end;
};

static __always_inline __u64 sb_mix(__u64 hash, __u64 value) {
  hash ^= value;
  hash *= 0x9fb21c651e98df25ull;
  return hash ^ (hash >> 28);
}

/* Keeps the compiler from proving what the verifier then cannot follow: a mask that stands after it stays. */
#define SB_HIDE(variable) asm volatile("" : "+r"(variable))

/* 1 where a <= b, for numbers below 2^63. Without a branch: the verifier follows one path through a search, not all. */
static __always_inline __u64 sb_not_above(__u64 a, __u64 b) {
  return (a - b - 1) >> 63;
}

static __always_inline struct sb_region *sb_find_region(struct sb_process *process, __u64 address) {
  /* How many regions end at or below the address. */
  __u32 first = 0;
  __u32 left = process->count;
  for (int i = 0; i < SB_REGION_STEPS; ++i) {
    __u32 half = left / 2;
    __u32 middle = first + half - (half > 0);
    SB_HIDE(middle);
    middle &= SB_MAX_REGIONS - 1;
    first += half * (__u32)sb_not_above(process->regions[middle].limit, address);
    left -= half;
  }
  SB_HIDE(first);
  first &= SB_MAX_REGIONS - 1;
  first += (__u32)sb_not_above(process->regions[first].limit, address);
  if (first >= process->count) return 0;
  SB_HIDE(first);
  first &= SB_MAX_REGIONS - 1;
  struct sb_region *found = &process->regions[first];
  return found->start <= address ? found : 0;
}

/* The rule that holds at `vaddr`; 0 and rule 0 are unknown. */
static __always_inline struct sb_rule *sb_find_rule(__u32 table_number, __u64 vaddr) {
  struct sb_table *table = bpf_map_lookup_elem(&sb_tables, &table_number);
  if (!table || vaddr < table->base) return 0;
  __u64 page = (vaddr - table->base) >> SB_PAGE_SHIFT;
  if (page >= table->page_count) return 0;
  __u32 key = table->first_page + (__u32)page;
  __u64 *begin = bpf_map_lookup_elem(&sb_pages, &key);
  key += 1;
  __u64 *end = bpf_map_lookup_elem(&sb_pages, &key);
  if (!begin || !end || *begin >= *end) return 0;
  __u64 wanted = vaddr & 0xffff;
  /* The last row that does not lie behind `wanted`; the first of a page lies at its start. */
  __u32 first = (__u32)*begin;
  __u32 left = (__u32)(*end - *begin);
  sb_row row = 0;
  for (int i = 0; i <= SB_ROW_STEPS; ++i) {
    __u32 half = left / 2;
    __u32 at = first + half;
    __u32 block_number = at / SB_ROWS_IN_BLOCK;
    struct sb_row_block *block = bpf_map_lookup_elem(&sb_rows, &block_number);
    if (!block) return 0;
    row = block->rows[at % SB_ROWS_IN_BLOCK];
    first += half * (__u32)sb_not_above(row & 0xffff, wanted);
    left -= half;
    if (i == SB_ROW_STEPS) break;
  }
  /* `left` is 1 now, and `row` is the one at `first`. */
  __u32 rule = row >> 16;
  return bpf_map_lookup_elem(&sb_rules, &rule);
}

/* One frame: notes where it is, finds its caller. 1 ends the walk. */
static long sb_step(__u32 index, struct sb_walk *walk) {
  __u64 looked_up = walk->ip - walk->is_return;
  struct sb_region *region = sb_find_region(walk->process, looked_up);
  walk->end = SB_END_UNKNOWN;
  if (!region) return 1;
  __u64 vaddr = looked_up + region->bias;
  __u64 frame = ((__u64)region->code << 48) | (vaddr & 0xffffffffffffull);
  __u32 at = walk->kernel_frames + walk->depth;
  if (at >= SB_MAX_FRAMES) return 1;
  SB_HIDE(at);
  at &= SB_MAX_FRAMES - 1;
  walk->sample->frames[at] = frame;
  walk->hash = sb_mix(walk->hash, frame);
  walk->depth += 1;

  __u64 cfa;
  __u64 saved[2]; /* the caller's frame pointer, and where it goes on */
  struct sb_rule *rule = 0;
  if (region->table != SB_NO_TABLE) {
    rule = sb_find_rule(region->table, vaddr);
    if (!rule) return 1;
    if (rule->kind == SB_RULE_BOTTOM) {
      walk->end = SB_END_BOTTOM;
      return 1;
    }
  }
  /* Code that no table covers: what a JIT made, V8's builtins, assembly. Such code keeps frame pointers, as a rule; where
     it does not, what is found is no code, and the sample is handed up. */
  if (!rule || rule->kind == SB_RULE_UNKNOWN) {
    __u64 code = 0;
    if (walk->is_return) bpf_probe_read_user(&code, sizeof code, (void *)walk->ip);
    if ((code & 0xffffffffffull) == SB_PYTHON_TRAMPOLINE) {
      cfa = walk->sp + 16;
      if (bpf_probe_read_user(&saved[1], sizeof saved[1], (void *)(cfa - 8))) return 1;
    } else {
      if (walk->fp == 0) {
        walk->end = SB_END_BOTTOM;
        return 1;
      }
      if (bpf_probe_read_user(saved, sizeof saved, (void *)walk->fp)) return 1;
      cfa = walk->fp + 16;
      if (saved[0] != 0 && saved[0] <= walk->fp) return 1;
      walk->fp = saved[0];
    }
  } else {
    if (rule->kind == SB_RULE_SIGNAL) {
      /* struct rt_sigframe: rbp, …, rsp, rip of its mcontext. */
      __u64 there[3];
      if (bpf_probe_read_user(&there[0], sizeof there[0], (void *)(walk->sp + 120))) return 1;
      if (bpf_probe_read_user(&there[1], 2 * sizeof there[1], (void *)(walk->sp + 160))) return 1;
      if (there[1] <= walk->sp) return 1;
      walk->fp = there[0];
      walk->sp = there[1];
      walk->ip = there[2];
      walk->is_return = 0;
      walk->end = SB_END_NONE;
      return 0;
    }
    if (rule->kind == SB_RULE_FP_POINTS) {
      __u64 frame = walk->fp;
      if (bpf_probe_read_user(&cfa, sizeof cfa, (void *)(frame + rule->cfa_offset))) return 1;
      if (bpf_probe_read_user(&walk->fp, sizeof walk->fp, (void *)frame)) return 1;
    } else if (rule->kind == SB_RULE_SP)
      cfa = walk->sp + rule->cfa_offset;
    else if (rule->kind == SB_RULE_FP)
      cfa = walk->fp + rule->cfa_offset;
    else if (rule->kind == SB_RULE_PLT)
      cfa = walk->sp + 8 + ((walk->ip & 15) >= (__u64)rule->cfa_offset ? 8 : 0);
    else
      return 1;
    if (rule->kind == SB_RULE_FP_POINTS) {
      if (bpf_probe_read_user(&saved[1], sizeof saved[1], (void *)(cfa - 8))) return 1;
    } else if (rule->fp_offset == -16) {
      if (bpf_probe_read_user(saved, sizeof saved, (void *)(cfa - 16))) return 1;
      walk->fp = saved[0];
    } else {
      if (bpf_probe_read_user(&saved[1], sizeof saved[1], (void *)(cfa - 8))) return 1;
      if (rule->fp_offset != 0) {
        if (bpf_probe_read_user(&saved[0], sizeof saved[0], (void *)(cfa + rule->fp_offset))) return 1;
        walk->fp = saved[0];
      }
    }
  }
  if (cfa <= walk->sp) return 1;
  walk->sp = cfa;
  walk->ip = saved[1];
  walk->is_return = 1;
  if (walk->ip == 0) {
    walk->end = SB_END_BOTTOM;
    return 1;
  }
  walk->end = SB_END_NONE;
  return 0;
}

#include "python.h"

/* The walk of a thread that is in the kernel: its frames there, and where its user part goes on. */
static __always_inline int sb_begin_in_kernel(void *context, struct sb_walk *walk) {
  long bytes = bpf_get_stack(context, walk->sample->frames, SB_MAX_KERNEL_FRAMES * sizeof(__u64), 0);
  if (bytes > 0) {
    walk->kernel_frames = (__u32)bytes / sizeof(__u64);
    if (walk->kernel_frames > SB_MAX_KERNEL_FRAMES) walk->kernel_frames = SB_MAX_KERNEL_FRAMES;
    for (__u32 i = 0; i < SB_MAX_KERNEL_FRAMES; ++i) {
      if (i >= walk->kernel_frames) break;
      walk->hash = sb_mix(walk->hash, walk->sample->frames[i]);
    }
  }
  struct pt_regs user;
  if (bpf_probe_read_kernel(&user, sizeof user, (void *)bpf_task_pt_regs(bpf_get_current_task_btf()))) return 1;
  walk->ip = (user.cs & 3) == 0 ? 0 : user.rip; /* 0: a thread of the kernel */
  walk->sp = user.rsp;
  walk->fp = user.rbp;
  return 0;
}

/* Sends what `kind` says; the frames with it where they were not sent before. */
static __always_inline long sb_send(struct sb_walk *walk, __u32 kind, __u64 ring_flags) {
  struct sb_sample *sample = walk->sample;
  __u64 ids = bpf_get_current_pid_tgid();
  sb_add_python(walk, ids >> 32, (__u32)ids);
  __u64 stack = walk->hash;
  sample->time_ns = bpf_ktime_get_ns();
  sample->stack = stack;
  sample->pid = ids >> 32;
  sample->tid = (__u32)ids;
  sample->kind = kind;
  sample->kernel_frames = 0;
  sample->user_frames = 0;
  sample->python_words = 0;
  __u32 frames = 0;
  if (!bpf_map_lookup_elem(&sb_known, &stack)) {
    frames = walk->kernel_frames + walk->depth + walk->python_words;
    sample->kernel_frames = walk->kernel_frames;
    sample->user_frames = walk->depth;
    sample->python_words = walk->python_words;
  } else if (kind == SB_FRAMES) {
    return 0;
  }
  SB_HIDE(frames);
  if (frames > SB_MAX_WORDS) return 1;
  __u64 bytes = sizeof(*sample) - sizeof(sample->frames) + frames * sizeof(__u64);
  if (bpf_ringbuf_output(&sb_ring, sample, bytes, ring_flags)) return 1;
  /* Only now: another processor that finds it known sends its hash alone, and that must come behind the frames. */
  __u8 one = 1;
  if (frames) bpf_map_update_elem(&sb_known, &stack, &one, BPF_ANY);
  return 0;
}

SEC("perf_event")
int sb_take_sample(struct bpf_perf_event_data *context) {
  /* Loaded before any branch: the verifier wants the context as it came. */
  __u64 ip = context->regs.rip;
  __u64 sp = context->regs.rsp;
  __u64 fp = context->regs.rbp;
  __u64 cs = context->regs.cs;
  __u32 tgid = bpf_get_current_pid_tgid() >> 32;
  if (tgid == 0) return 0;
  __u32 zero = 0;
  __u32 room = SB_SCRATCH_SAMPLE;
  struct sb_counters *counted = bpf_map_lookup_elem(&sb_counted, &zero);
  struct sb_sample *sample = bpf_map_lookup_elem(&sb_scratch, &room);
  struct sb_process *process = bpf_map_lookup_elem(&sb_processes, &tgid);
  if (!counted || !sample) return 1;
  if (!process) {
    counted->handed_up += 1;
    return 1;
  }
  struct sb_walk walk = {.sample = sample, .process = process, .hash = 0, .ip = ip, .sp = sp, .fp = fp};
  if ((cs & 3) == 0 && sb_begin_in_kernel(context, &walk)) return 1;
  if (walk.ip != 0) {
    bpf_loop(SB_MAX_FRAMES, sb_step, &walk, 0);
    if (walk.end != SB_END_BOTTOM) {
      counted->handed_up += 1;
      return 1;
    }
  }
  if (sb_send(&walk, SB_SAMPLE, 0)) {
    counted->ring_full += 1;
    return 0;
  }
  counted->samples += 1;
  counted->frames += walk.depth;
  return 0;
}

/* Another program runs in the process now: what was known of its memory is wrong from here on. */
SEC("raw_tp/sched_process_exec")
int sb_forget_process(void *context) {
  __u32 tgid = bpf_get_current_pid_tgid() >> 32;
  bpf_map_delete_elem(&sb_processes, &tgid);
  bpf_map_delete_elem(&sb_pythons, &tgid);
  return 0;
}

#include "waits.h"
