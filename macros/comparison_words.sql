{#- Printed signs and words of one comparator code, as an alternation for a pattern; without a code, of all of them.
    Longer words first, within and across codes: 大于等于 must not be read as 大于. `signs_only` leaves out the words. -#}
{% macro comparison_words(code=none, signs_only=false) -%}
    {%- set signs = {
        '>=': ['≥', '>=', '=>', '≮'],
        '<=': ['≤', '<=', '=<', '≯'],
        '>': ['>'],
        '<': ['<'],
        '=': ['==', '='],
        'approx': ['≈'],
    } -%}
    {%- set words = {
        '>=': ['大于或等于', '高于或等于', '大于等于', '高于等于', '不得少于', '不得低于', '不少于', '不低于', '不小于',
               '至少', '最少', '最低', '达到', '达'],
        '<=': ['小于或等于', '低于或等于', '小于等于', '低于等于', '最高不超过', '不得超过', '不得高于', '不得多于', '不超过',
               '不高于', '不多于', '不大于', '不迟于', '不晚于', '控制在', '截止到', '截止至', '截止', '截至', '至多', '最多', '最高'],
        '>': ['大于', '高于', '多于', '超过', '超出'],
        '<': ['小于', '低于', '少于', '早于'],
        '=': ['等于'],
        'approx': ['大约', '约为', '约', '接近', '近'],
    } -%}
    {%- set codes = signs.keys() if code is none else [code] -%}
    {%- set found = namespace(all=[]) -%}
    {%- for one in codes -%}
        {%- set found.all = found.all + signs[one] + ([] if signs_only else words[one]) -%}
    {%- endfor -%}
    {{- found.all | join('|') -}}
{%- endmacro %}
