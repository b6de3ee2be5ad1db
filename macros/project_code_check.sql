{#- The check character that the first twenty characters of a project code give: alphabet of GB 32100 (no I, O, S, V, Z),
    A[(30 - sum of idx(c_i)*3^i, i = 0..19) mod 31]. Observed, not published (domain.md 3.6): holds for codes with a P at place 9.
    The weights are 3^i mod 31. Null if a character is not of the alphabet. -#}
{% macro project_code_check(code) -%}
    {%- set alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY' -%}
    case
        when {{ rx_matches(code, '^[0-9A-HJ-NPQRTUWXY]{20}') }}
            then substring(
                '{{ alphabet }}',
                1 + (
                    (
                        30 - (
                            {%- for i in range(20) %}
                            {{ "+ " if i }}{{ 3 ** i % 31 }} * (instr('{{ alphabet }}', substring({{ code }}, {{ i + 1 }}, 1)) - 1)
                            {%- endfor %}
                        ) % 31 + 31
                    ) % 31
                ),
                1
            )
    end
{%- endmacro %}
