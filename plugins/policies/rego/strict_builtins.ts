import { type Builtin, BuiltinError, members } from "./builtin.ts";
import { formatValue, RegoObject, type Value } from "./value.ts";

/**
 * The built-ins that OPA compiles into a module and that answer 0 where OPA itself has an error: Rego's names by the
 * functions' (`builtinsFunctions` of internal/compiler/wasm/wasm.go). net.cidr_overlap and re_match, deprecated, share
 * the functions of net.cidr_contains and regex.match.
 */
export const FALLIBLE: ReadonlyMap<string, string> = new Map(
  words(`
    builtin_graph_reachable=graph.reachable builtin_json_filter=json.filter builtin_json_remove=json.remove
    builtin_object_filter=object.filter builtin_object_get=object.get builtin_object_keys=object.keys
    builtin_object_remove=object.remove builtin_object_union=object.union builtin_object_union_n=object.union_n
    opa_agg_all=all opa_agg_any=any opa_agg_count=count opa_agg_max=max opa_agg_min=min opa_agg_product=product
    opa_agg_sort=sort opa_agg_sum=sum opa_arith_abs=abs opa_arith_ceil=ceil opa_arith_divide=div opa_arith_floor=floor
    opa_arith_minus=minus opa_arith_multiply=mul opa_arith_plus=plus opa_arith_rem=rem opa_arith_round=round
    opa_array_concat=array.concat opa_array_flatten=array.flatten opa_array_reverse=array.reverse
    opa_array_slice=array.slice opa_base64_decode=base64.decode opa_base64_encode=base64.encode
    opa_base64_url_decode=base64url.decode opa_base64_url_encode=base64url.encode opa_bits_and=bits.and
    opa_bits_negate=bits.negate opa_bits_or=bits.or opa_bits_shiftleft=bits.lsh opa_bits_shiftright=bits.rsh
    opa_bits_xor=bits.xor opa_cidr_contains=net.cidr_contains opa_cidr_intersects=net.cidr_intersects
    opa_glob_match=glob.match opa_json_marshal=json.marshal opa_json_unmarshal=json.unmarshal
    opa_numbers_range=numbers.range opa_regex_find_all_string_submatch=regex.find_all_string_submatch_n
    opa_regex_match=regex.match opa_set_diff=set_diff opa_set_intersection=and opa_set_union=or
    opa_sets_intersection=intersection opa_sets_union=union opa_strings_concat=concat opa_strings_contains=contains
    opa_strings_endswith=endswith opa_strings_format_int=format_int opa_strings_indexof=indexof opa_strings_lower=lower
    opa_strings_replace=replace opa_strings_replace_n=strings.replace_n opa_strings_reverse=strings.reverse
    opa_strings_split=split opa_strings_startswith=startswith opa_strings_substring=substring opa_strings_trim=trim
    opa_strings_trim_left=trim_left opa_strings_trim_prefix=trim_prefix opa_strings_trim_right=trim_right
    opa_strings_trim_space=trim_space opa_strings_trim_suffix=trim_suffix opa_strings_upper=upper
    opa_template_string=internal.template_string opa_to_number=to_number
  `).map((pair) => pair.split("=") as [string, string]),
);

/**
 * Functions of OPA's runtime whose 0 is no error: built-ins that always have a result, and what the compiler itself
 * calls in a policy's code (the constants of wasm.go).
 */
export const HARMLESS: ReadonlySet<string> = new Set(words(`
  opa_types_is_array opa_types_is_boolean opa_types_is_null opa_types_is_number opa_types_is_object opa_types_is_set
  opa_types_is_string opa_types_name opa_cmp_eq opa_cmp_gt opa_cmp_gte opa_cmp_lt opa_cmp_lte opa_cmp_neq
  opa_base64_is_valid opa_json_is_valid opa_regex_is_valid opa_value_transitive_closure builtin_member builtin_member3

  opa_abort opa_array_append opa_array_with_cap opa_mapping_lookup opa_memoize_get opa_memoize_init opa_memoize_insert
  opa_memoize_pop opa_memoize_push opa_null opa_number_int opa_number_ref opa_number_size opa_object opa_object_insert
  opa_runtime_error opa_set opa_set_add opa_value_compare opa_value_get opa_value_iter opa_value_length opa_value_merge
  opa_value_number_set_int opa_value_shallow_copy opa_value_type
`));

/**
 * What the host answers when the compiled-in built-in `name` had no result: undefined or a value where OPA has that,
 * else a {@link BuiltinError}.
 */
export function withoutResult(name: string): Builtin {
  return (operands) => {
    const answer = ANSWERS[name]?.(operands[0]);
    if (answer !== undefined) return answer.value;
    throw new BuiltinError(`${name}(${operands.map(formatValue).join(", ")}) failed`);
  };
}

/** The operands for which 0 is not an error of OPA's own function, and what that answers (v1/topdown). */
const ANSWERS: Readonly<Record<string, (operand: Value) => { readonly value?: Value } | undefined>> = {
  max: (operand) => members(operand, 1).length === 0 ? {} : undefined,
  min: (operand) => members(operand, 1).length === 0 ? {} : undefined,
  "base64.decode": (operand) => operand === "" ? { value: "" } : undefined,
  "base64url.decode": (operand) => operand === "" ? { value: "" } : undefined,
  "object.union_n": (operand) =>
    Array.isArray(operand) && operand.length === 0 ? { value: new RegoObject() } : undefined,
};

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
