{#- What sqlfluff sees in place of each project macro: a call of the same name. The models are linted as they are written;
    what the macros render (long, dispatched per engine) would be too deep to parse and is not what a reader edits.
    dbt never reads this folder. A new macro needs a line here: a test compares both lists. -#}
{% macro amount_in_unit(yuan, unit) %}amount_in_unit({{ yuan }}, {{ unit }}){% endmacro %}
{% macro amount_unit_factor(unit_expr) %}amount_unit_factor({{ unit_expr }}){% endmacro %}
{% macro amount_yuan(number, unit) %}amount_yuan({{ number }}, {{ unit }}){% endmacro %}
{% macro amounts_in_unit(cut_off='false') %}a_number{% endmacro %}
{% macro carried_down(expr, partition_by, order_by) %}carried_down({{ expr }}, {{ partition_by }}, {{ order_by }}){% endmacro %}
{% macro change_pct(amount, prior, comparability) %}change_pct({{ amount }}, {{ prior }}, {{ comparability }}){% endmacro %}
{% macro change_yuan(amount, prior, comparability) %}change_yuan({{ amount }}, {{ prior }}, {{ comparability }}){% endmacro %}
{% macro class_name_only(expr) %}class_name_only({{ expr }}){% endmacro %}
{% macro clean_text(expr) %}clean_text({{ expr }}){% endmacro %}
{% macro compared_figure(side, relation, beside=none) %}{{ relation }}.amount_printed as {{ side }}_printed{% endmacro %}
{% macro compared_sum(position, yuan='', scale='', half_digit='', locator='') %}cast(null as string) as b_printed{% endmacro %}
{% macro counting_words() %}个{% endmacro %}
{% macro date_printed(expr) %}date_printed({{ expr }}){% endmacro %}
{% macro fill_in(template, texts) %}fill_in({{ template }}){% endmacro %}
{% macro finding_columns(code, outcome, subject) %}{{ code }} as finding_code{{ '' if kwargs }}{% endmacro %}
{% macro finding_of_numbers() %}finding_code{% endmacro %}
{% macro half_last_digit(yuan, scale, unit) %}half_last_digit({{ yuan }}, {{ scale }}, {{ unit }}){% endmacro %}
{% macro heading_unit(expr) %}heading_unit({{ expr }}){% endmacro %}
{% macro indicator_value_source(printed) %}select {{ printed }} as printed from indicator_value{% endmacro %}
{% macro is_masked(expr) %}is_masked({{ expr }}){% endmacro %}
{% macro is_rate_name(expr) %}is_rate_name({{ expr }}){% endmacro %}
{% macro is_rounded_print() %}(a_scale <> b_scale){% endmacro %}
{% macro joined_texts(expr, separator, position) %}joined_texts({{ expr }}, {{ position }}){% endmacro %}
{% macro locator_span(locator, position) %}locator_span({{ locator }}, {{ position }}){% endmacro %}
{% macro name_direction(name, unit) %}name_direction({{ name }}, {{ unit }}){% endmacro %}
{% macro only_new_documents() %}{{ return(false) }}{% endmacro %}
{% macro new_rows(relation) %}{{ relation }}{% endmacro %}
{% macro rows_of_changed_units(relation) %}{{ relation }}{% endmacro %}
{% macro delete_rows_of_changed_units() %}{% endmacro %}
{% macro normalise_line_name(expr) %}normalise_line_name({{ expr }}){% endmacro %}
{% macro normalise_printed(expr) %}normalise_printed({{ expr }}){% endmacro %}
{% macro normalise_unit(expr, is_cost) %}normalise_unit({{ expr }}, {{ is_cost }}){% endmacro %}
{% macro number_core(expr) %}number_core({{ expr }}){% endmacro %}
{% macro number_pattern() %}[0-9]{% endmacro %}
{% macro only_fund(expr) %}only_fund({{ expr }}){% endmacro %}
{% macro parse_decimal(expr) %}parse_decimal({{ expr }}){% endmacro %}
{% macro parse_target(relation) %}parsed as (select * from {{ relation }}){% endmacro %}
{% macro percent_of_fraction(name, kind, unit, number_value, neighbours_print_percent) %}percent_of_fraction({{ name }}){% endmacro %}
{% macro print_number(number, scale=none) %}print_number({{ number }}){% endmacro %}
{% macro printed_scale(expr) %}printed_scale({{ expr }}){% endmacro %}
{% macro money_unit_name(expr) %}money_unit_name({{ expr }}){% endmacro %}
{% macro money_unit_words() %}元{% endmacro %}
{% macro printed_beside(printed, unit, beside) %}printed_beside({{ printed }}, {{ unit }}, {{ beside }}){% endmacro %}
{% macro printed_unit(expr, bare_multiplier=false) %}printed_unit({{ expr }}){% endmacro %}
{% macro project_code(expr) %}project_code({{ expr }}){% endmacro %}
{% macro project_code_check(code) %}project_code_check({{ code }}){% endmacro %}
{% macro project_code_in_name(expr) %}project_code_in_name({{ expr }}){% endmacro %}
{% macro project_code_prefix(expr) %}project_code_prefix({{ expr }}){% endmacro %}
{% macro project_key(code, name, unit_key, document_id) %}project_key({{ code }}, {{ name }}, {{ unit_key }}){% endmacro %}
{% macro project_name_only(expr) %}project_name_only({{ expr }}){% endmacro %}
{% macro project_name_of_series(expr) %}project_name_of_series({{ expr }}){% endmacro %}
{% macro remove_white_space(expr) %}remove_white_space({{ expr }}){% endmacro %}
{% macro round_brackets(expr) %}round_brackets({{ expr }}){% endmacro %}
{% macro rule_rows(columns, rows) %}rule{% endmacro %}
{% macro round_percent(number) %}round_percent({{ number }}){% endmacro %}
{% macro round_to(number, scale) %}round_to({{ number }}, {{ scale }}){% endmacro %}
{% macro rx_matches(expr, pattern) %}rx_matches({{ expr }}, '{{ pattern }}'){% endmacro %}
{% macro surrogate_key(expressions) %}surrogate_key({{ expressions | join(', ') }}){% endmacro %}
{% macro text_direction(expr) %}text_direction({{ expr }}){% endmacro %}
{% macro to_halfwidth(expr) %}to_halfwidth({{ expr }}){% endmacro %}
{% macro to_number(expr) %}to_number({{ expr }}){% endmacro %}
{% macro unit_code_prefix(expr) %}unit_code_prefix({{ expr }}){% endmacro %}
{% macro unit_key(unit_name, document_id) %}unit_key({{ unit_name }}, {{ document_id }}){% endmacro %}
{% macro unit_name_normalised(expr) %}unit_name_normalised({{ expr }}){% endmacro %}
{% macro unit_words() %}个{% endmacro %}
{% macro year_printed(expr) %}year_printed({{ expr }}){% endmacro %}
{% macro with_unit(printed, unit) %}with_unit({{ printed }}, {{ unit }}){% endmacro %}
