{#- A name of a body in the one spelling that its printings share: no white space, half-width signs; a party committee and
    its offices by their short name (中国共产党某省委员会办公厅, 中共某省委办公厅 → 某省委办公厅); a subdistrict office
    without the government it belongs to (某区人民政府某街道办事处). Nothing is added to a name. -#}
{% macro unit_name_normalised(expr) -%}
    {%- set name = namespace(sql=remove_white_space(round_brackets(expr))) -%}
    {%- for area in ['省', '市', '县', '区', '州', '盟', '旗'] -%}
        {%- set name.sql = "replace(" ~ name.sql ~ ", '" ~ area ~ "委员会', '" ~ area ~ "委')" -%}
    {%- endfor -%}
    {%- set name.sql = "regexp_replace(" ~ name.sql ~ ", '^(中国共产党|中共)', '')" -%}
    case
        when {{ rx_matches(expr, '人民政府.{1,20}街道') }} then replace({{ name.sql }}, '人民政府', '')
        else {{ name.sql }}
    end
{%- endmacro %}
